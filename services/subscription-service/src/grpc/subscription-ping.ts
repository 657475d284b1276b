import {
  DomainError,
  decodePingReply,
  deliveryId,
  encodePing,
  newId,
  PING_WAIT_MS_MAX,
  type PingReply,
  type PingSubscriptionRequest,
  type PingSubscriptionResponse,
} from '@hookline/contracts';
import { type Database, listAttemptsOfDelivery, toAttemptMessage } from '@hookline/event-log';
import type { Reply } from '@hookline/messaging';
import type { GrpcCall } from '@hookline/service-runtime';
import { type SubscriptionStore, subscriptionNotFound } from '@hookline/subscriptions';

/** Asks one dispatcher and waits for its answer. */
export type Ping = (question: string, timeoutMs: number) => Promise<Reply>;

export interface PingParts {
  readonly store: Pick<SubscriptionStore, 'get'>;
  readonly database: Database;
  readonly ping: Ping;
}

/** Kept of the call's time, so that an answer without the attempt still comes before its deadline. */
const ANSWER_MS = 250;

/**
 * Has a dispatcher send one ping and answers with its attempt. Requests go out from dispatchers
 * alone, so that where they may go is decided in one place; without one there is no ping.
 */
export async function pingSubscription(
  { store, database, ping }: PingParts,
  { id }: PingSubscriptionRequest,
  { caller, signal, deadline }: GrpcCall,
): Promise<PingSubscriptionResponse> {
  const { tenant } = caller;
  await store.get({ tenant, subscriptionId: id });
  signal.throwIfAborted();
  const now = Date.now();
  const left = (deadline?.getTime() ?? Number.POSITIVE_INFINITY) - now - ANSWER_MS;
  const timeoutMs = Math.max(0, Math.min(PING_WAIT_MS_MAX, left));
  const eventId = newId('evt', now);
  const question = { tenant, subscriptionId: id, eventId, expiresAtMs: now + timeoutMs };
  const reply = await ping(encodePing(question), timeoutMs);
  const pinged = { eventId, deliveryId: deliveryId(eventId, id) };
  if (reply.kind === 'nobody') throw noDispatcher();
  if (reply.kind === 'late') return { ...pinged, attempt: undefined };
  refuse(decodePingReply(reply.text));
  const [attempt] = await listAttemptsOfDelivery(database.kysely, {
    tenant,
    deliveryId: pinged.deliveryId,
  });
  return { ...pinged, attempt: attempt && toAttemptMessage(attempt) };
}

function refuse({ kind }: PingReply): void {
  switch (kind) {
    case 'attempted':
      return;
    case 'not_found':
      throw subscriptionNotFound();
    case 'busy':
      throw new DomainError(
        'resource_exhausted',
        'too many pings are under way; try again in a second',
        { retryAfterMs: 1_000 },
      );
    case 'failed':
      throw new DomainError('unavailable', 'the dispatcher could not ping; try again', {
        retryAfterMs: 1_000,
      });
  }
}

function noDispatcher(): DomainError {
  return new DomainError(
    'unavailable',
    'no dispatcher is running, or NATS is away: a ping goes out from a dispatcher; try again when one is up',
    { retryAfterMs: 2_000 },
  );
}
