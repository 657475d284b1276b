import {
  type AcceptedEvent,
  enumText,
  type GrpcEvent,
  GrpcPhase,
  GrpcStatus,
} from '@hookline/contracts';

/** An event as formats and filters know it. Its time has the protos' resolution of a millisecond. */
export function toAcceptedEvent(event: GrpcEvent): AcceptedEvent {
  const status = enumText(GrpcStatus, 'STATUS_', event.status);
  const acceptedAt = event.acceptTime ?? new Date(0);
  return {
    // Calls answer with the key's own tenant alone; no format sends its name.
    tenant: '',
    id: event.id,
    source: event.source,
    type: event.type,
    time: (event.time ?? acceptedAt).toISOString(),
    ...(event.subject !== '' && { subject: event.subject }),
    phase: event.phase === GrpcPhase.PHASE_PRE ? 'pre' : 'post',
    ...((status === 'success' || status === 'fail') && { status }),
    extensions: event.extensions,
    data: event.data,
    position: event.position,
    sequence: event.sequence,
    recordedAt: acceptedAt,
  };
}
