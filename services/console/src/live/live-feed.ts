import { setTimeout as wait } from 'node:timers/promises';
import { type Attempt, DeliveryServiceService, TailAttemptsRequest } from '@hookline/contracts';
import { reasonOf, toDomainError } from '@hookline/service-runtime';
import type { FastifyRequest } from 'fastify';
import type { GrpcClients } from '../grpc-clients.ts';
import { readOverview } from '../overview/overview-route.ts';
import { toAttemptJson } from '../rest/delivery-json.ts';
import { toEventText } from '../rest/event-json.ts';
import { createEventPoll } from './event-poll.ts';
import { createMessageQueue } from './message-queue.ts';

/** One message of the stream: its name and JSON text. */
export interface LiveMessage {
  readonly event: 'attempt' | 'event' | 'overview' | 'gap' | 'alive' | 'trouble' | 'ended';
  readonly data: string;
}

/** Messages that wait for one browser; what comes beyond is dropped, and the browser told. */
const WAITING_MAX = 1_000;
const LOOK_MS = 2_000;
/** Figures are sent when something happened, and not more often than this. */
const OVERVIEW_MS = 5_000;
const RETRY_MS = 3_000;

interface Feed {
  readonly clients: GrpcClients;
  readonly request: FastifyRequest;
  readonly signal: AbortSignal;
  readonly say: (event: LiveMessage['event'], data: string) => void;
}

/** What happens in a tenant: attempts as they end, events as they are accepted, figures as they change. */
export async function* liveFeed(
  clients: GrpcClients,
  request: FastifyRequest,
  { signal, withOverview }: { readonly signal: AbortSignal; readonly withOverview: boolean },
): AsyncGenerator<LiveMessage> {
  const queue = createMessageQueue<LiveMessage>(WAITING_MAX);
  const own = new AbortController();
  const both = AbortSignal.any([signal, own.signal]);
  both.addEventListener('abort', () => queue.end());
  const feed: Feed = {
    clients,
    request,
    signal: both,
    say: (event, data) => queue.add({ event, data }),
  };
  const running = Promise.all([
    keepUp(feed, () => tellAttempts(feed)),
    keepUp(feed, () => tellEvents(feed, withOverview)),
  ]).finally(() => queue.end());
  try {
    for await (const { message, dropped } of queue.read()) {
      if (dropped > 0) yield { event: 'gap', data: JSON.stringify({ dropped_count: dropped }) };
      yield message;
    }
  } finally {
    own.abort();
    await running;
  }
}

/** A service that is away is asked again; a key that opens nothing any more ends the feed. */
async function keepUp({ signal, say }: Feed, run: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      await run();
    } catch (error) {
      if (signal.aborted) return;
      const code = toDomainError(error)?.code;
      if (code === 'unauthenticated' || code === 'permission_denied') {
        say('ended', JSON.stringify({ code }));
        return;
      }
      say('trouble', JSON.stringify({ detail: reasonOf(error) }));
    }
    await wait(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}

async function tellAttempts({ clients, request, signal, say }: Feed): Promise<void> {
  const message = TailAttemptsRequest.create();
  const method = DeliveryServiceService.tailAttempts;
  for await (const { item } of clients.deliveries.stream(request, method, { message, signal })) {
    if (item?.$case === 'attempt') say('attempt', JSON.stringify(toLiveAttempt(item.value)));
    if (item?.$case === 'gap') {
      say('gap', JSON.stringify({ dropped_count: Number(item.value.droppedCount) }));
    }
  }
}

function toLiveAttempt(attempt: Attempt) {
  return {
    ...toAttemptJson(attempt),
    delivery_id: attempt.deliveryId,
    event_id: attempt.eventId,
    webhook_id: attempt.subscriptionId,
    type: attempt.eventType,
  };
}

async function tellEvents(feed: Feed, withOverview: boolean): Promise<void> {
  const { clients, request, signal, say } = feed;
  const look = createEventPoll(clients, request);
  let toldAt = -OVERVIEW_MS;
  while (!signal.aborted) {
    const { events, isCut } = await look();
    for (const event of events) say('event', toEventText(event, { omitData: true }));
    if (isCut) say('gap', JSON.stringify({ dropped_count: 0 }));
    if (withOverview && performance.now() - toldAt >= OVERVIEW_MS) {
      toldAt = performance.now();
      say('overview', JSON.stringify(await readOverview(clients, request)));
    } else if (events.length === 0) {
      say('alive', '{}');
    }
    await wait(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}
