import type { GrpcEvent } from '@hookline/contracts';
import { type Database, readEvents, toEventMessage } from '@hookline/event-log';

/** An event with its payload; undefined when it is past the retention time. */
export async function readEventMessage(
  database: Database,
  { tenant, eventId }: { readonly tenant: string; readonly eventId: string },
): Promise<GrpcEvent | undefined> {
  const found = await readEvents(database.pool, { tenant, eventIds: [eventId] });
  const event = found.get(eventId)?.event;
  return event && toEventMessage(event);
}
