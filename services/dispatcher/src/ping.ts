import {
  type DispatchableEvent,
  decodePingRequest,
  deliveryId,
  encodePing,
  lineOf,
  PING_TYPE,
  type PingReply,
  type PingRequest,
} from '@hookline/contracts';
import type { Database } from '@hookline/event-log';
import { reasonOf } from '@hookline/service-runtime';
import type { IndexedSubscription, SubscriptionIndex } from '@hookline/subscriptions';
import type { Logger } from '@hookline/telemetry';
import { type AttemptDeps, type Attempted, makeAttempt } from './attempt.ts';
import type { Delivery } from './domain/delivery.ts';
import { PING_CLAIM, scheduleClaimedPing } from './postgres/schedule-ping.ts';
import type { Recorder } from './recorder.ts';

export interface PingDeps {
  readonly database: Database;
  readonly dispatcherId: string;
  readonly index: SubscriptionIndex;
  readonly recorder: Recorder;
  readonly attempt: AttemptDeps;
  readonly logger: Logger;
}

/** Pings under way, and of them to one endpoint: more are answered `busy`. */
const PINGS_MAX = 64;
const PINGS_PER_ENDPOINT_MAX = 4;

/**
 * Answers questions for a ping: one request to the endpoint, whatever the filter and the state, with
 * the format and the signatures of any other. It is a claimed row of the schedule before it is sent,
 * so that a crash leaves it on record as unknown (P3), and an attempt on record when it is answered.
 * It is not repeated, and makes no dead letter, so that nothing is disabled by it.
 */
export function createPinger(deps: PingDeps): (question: string) => Promise<string> {
  const { index, logger } = deps;
  const underWay = new Map<string, number>();
  let total = 0;

  async function answer(request: PingRequest): Promise<PingReply> {
    const { tenant, subscriptionId, expiresAtMs } = request;
    const running = underWay.get(subscriptionId) ?? 0;
    if (total >= PINGS_MAX || running >= PINGS_PER_ENDPOINT_MAX) return { kind: 'busy' };
    total += 1;
    underWay.set(subscriptionId, running + 1);
    try {
      // Who pings what was created just now means that, and not what this dispatcher knew before.
      await index.refresh();
      const subscription = index.get(subscriptionId);
      const isThere = subscription?.tenant === tenant && subscription.state !== 'deleted';
      if (!isThere) return { kind: 'not_found' };
      if (deps.attempt.now() >= expiresAtMs) return { kind: 'failed' };
      await sendPing(deps, pingDelivery(request, { subscription, now: deps.attempt.now() }));
      return { kind: 'attempted' };
    } finally {
      total -= 1;
      const left = (underWay.get(subscriptionId) ?? 1) - 1;
      if (left === 0) underWay.delete(subscriptionId);
      else underWay.set(subscriptionId, left);
    }
  }

  return async (question) => {
    const request = decodePingRequest(question);
    if (request === undefined) return encodePing({ kind: 'failed' });
    try {
      return encodePing(await answer(request));
    } catch (error) {
      const fields = { subscription_id: request.subscriptionId, err: error };
      logger.warn(fields, `a ping was not made: ${reasonOf(error)}`);
      return encodePing({ kind: 'failed' });
    }
  };
}

async function sendPing(deps: PingDeps, delivery: Delivery): Promise<void> {
  const { database, dispatcherId, recorder } = deps;
  await scheduleClaimedPing(database.pool, { delivery, dispatcherId });
  const attempted = await makeAttempt(delivery, deps.attempt);
  await recorder.record({
    kind: 'completion',
    delivery: attempted?.delivery ?? delivery,
    claim: PING_CLAIM,
    ...(attempted !== undefined && { attempt: attempted.attempt }),
    next: endOf(attempted),
  });
  if (attempted === undefined) throw new Error('nothing was sent: the dispatcher is stopping');
}

function endOf(attempted: Attempted | undefined) {
  if (attempted === undefined) return { kind: 'cancelled' } as const;
  const { outcome } = attempted.attempt.result;
  if (outcome === 'succeeded') return { kind: 'succeeded' } as const;
  return { kind: 'dead', cause: outcome } as const;
}

function pingDelivery(
  { tenant, eventId }: PingRequest,
  { subscription, now }: { readonly subscription: IndexedSubscription; readonly now: number },
): Delivery {
  const at = new Date(now);
  const entry: DispatchableEvent = {
    event: {
      id: eventId,
      tenant,
      // It is not in the log of events: nobody else gets it, and there is nothing to replay.
      position: -1n,
      source: 'hookline',
      type: PING_TYPE,
      time: at.toISOString(),
      recordedAt: at,
      phase: 'post',
      status: 'success',
      sequence: 0n,
      extensions: {},
      data: JSON.stringify({ subscription_id: subscription.id }),
    },
    line: lineOf(tenant, undefined, 'hookline'),
    subscriptionEpoch: 0,
  };
  const id = deliveryId(eventId, subscription.id);
  return { id, entry, subscription, attemptsCount: 0, attemptNumber: 0 };
}
