import { DeliveryServiceService, type GrpcEvent, ListEventsRequest } from '@hookline/contracts';
import type { FastifyRequest } from 'fastify';
import type { GrpcClients } from '../grpc-clients.ts';

/** Events told in one look; of more, the newest. */
const EVENTS_MAX = 50;

export interface Look {
  /** What was accepted since the look before, the oldest first, without payloads. */
  readonly events: readonly GrpcEvent[];
  /** There were more than are told. */
  readonly isCut: boolean;
}

/**
 * Looks for events that were accepted since the look before; the first look only finds out where to
 * begin. Each is one short piece of an index.
 */
export function createEventPoll({ deliveries }: GrpcClients, request: FastifyRequest) {
  let since: Date | undefined;
  let seen = new Set<string>();

  return async function look(): Promise<Look> {
    const asked = ListEventsRequest.create({
      pageSize: since === undefined ? 1 : EVENTS_MAX,
      omitData: true,
      startTime: since,
    });
    const page = await deliveries.call(request, DeliveryServiceService.listEvents, asked);
    const isFirst = since === undefined;
    const events = page.events.filter(({ id }) => !seen.has(id)).reverse();
    since = page.events[0]?.acceptTime ?? since ?? new Date();
    // Times are to the millisecond, and several events may have the same.
    seen = new Set(page.events.map(({ id }) => id));
    if (isFirst) return { events: [], isCut: false };
    return { events, isCut: page.nextPageToken !== '' };
  };
}
