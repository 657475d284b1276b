import { type AcceptedEvent, GrpcEvent, GrpcPhase, GrpcStatus } from '@hookline/contracts';

/** An event as the API shows it. */
export function toEventMessage(event: AcceptedEvent): GrpcEvent {
  return GrpcEvent.create({
    id: event.id,
    source: event.source,
    type: event.type,
    subject: event.subject ?? '',
    // RFC 3339 allows small letters, which Date reads only by chance.
    time: new Date(event.time.toUpperCase()),
    phase: event.phase === 'pre' ? GrpcPhase.PHASE_PRE : GrpcPhase.PHASE_POST,
    status: statusOf(event),
    sequence: event.sequence,
    position: event.position,
    extensions: textsOf(event.extensions),
    data: event.data,
    acceptTime: event.recordedAt,
  });
}

function statusOf({ status }: AcceptedEvent): GrpcStatus {
  if (status === undefined) return GrpcStatus.STATUS_UNSPECIFIED;
  return status === 'success' ? GrpcStatus.STATUS_SUCCESS : GrpcStatus.STATUS_FAIL;
}

function textsOf(extensions: AcceptedEvent['extensions']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(extensions).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    ),
  );
}
