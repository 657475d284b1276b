import { type AcceptedEvent, GrpcEvent, GrpcPhase, GrpcStatus } from '@hookline/contracts';
import { type Database, readEvents } from '@hookline/event-log';

/** An event with its payload; undefined when it is past the retention time. */
export async function readEventMessage(
  database: Database,
  { tenant, eventId }: { readonly tenant: string; readonly eventId: string },
): Promise<GrpcEvent | undefined> {
  const found = await readEvents(database.pool, { tenant, eventIds: [eventId] });
  const event = found.get(eventId)?.event;
  return event && toEventMessage(event);
}

function toEventMessage(event: AcceptedEvent): GrpcEvent {
  return GrpcEvent.create({
    id: event.id,
    source: event.source,
    type: event.type,
    subject: event.subject ?? '',
    time: new Date(event.time),
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
