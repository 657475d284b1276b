import { setTimeout as delay } from 'node:timers/promises';
import { PING_TYPE } from '@hookline/contracts';
import { type Database, readEvents } from '@hookline/event-log';
import { createPeriodic, type Periodic } from '@hookline/service-runtime';
import type { IndexedSubscription, SubscriptionIndex } from '@hookline/subscriptions';
import type { Logger } from '@hookline/telemetry';
import { type AttemptDeps, type Attempted, makeAttempt } from './attempt.ts';
import type { Bulkheads } from './bulkheads.ts';
import { withCurrentSubscription } from './current-subscription.ts';
import type { Delivery } from './domain/delivery.ts';
import type { Executor } from './executor.ts';
import { cancelDeleted, findDeleted } from './postgres/cancel-deleted.ts';
import {
  blockBacklog,
  type ClaimedRow,
  claimDue,
  findNextDue,
  freeForgotten,
  takeOver,
} from './postgres/claims.ts';
import { recordClaimed } from './record-claimed.ts';
import type { Recorder } from './recorder.ts';
import { unknownAttempt } from './unknown-attempt.ts';

export interface SchedulerDeps {
  readonly database: Database;
  readonly dispatcherId: string;
  readonly index: SubscriptionIndex;
  readonly executor: Executor;
  readonly bulkheads: Bulkheads;
  readonly recorder: Recorder;
  readonly attempt: AttemptDeps;
  readonly logger: Logger;
  /** Whether fresh events are under way, before which what waits stands back. */
  readonly isFreshUnderWay: () => boolean;
  /** Most scheduled attempts under way; fresh events have the rest of the executor to themselves. */
  readonly runningMax: number;
}

export interface Scheduler {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Says that a delivery is due at this time, so that it is not found by the next look only. */
  expect(dueAt: Date): void;
  /** Says that something is due now. */
  lookNow(): void;
  /** Says that subscriptions changed: what was held may be due, or to be cancelled. */
  wake(): void;
}

/** How often the schedule is looked at for what other dispatchers put there. */
const LOOK_EVERY_MS = 1_000;
/**
 * Between two rounds beside fresh events, at least; and so many times as long as the round took, so
 * that a machine that is busy drains its backlogs at a lower pace. At most, so that one round that
 * had to wait for Postgres holds no retry up.
 */
const ROUNDS_APART_MS = 10;
const ROUNDS_APART_FACTOR = 3;
const ROUNDS_APART_MAX_MS = 250;
/** At most so often for endpoints that wait for their rate. */
const LOOK_FOR_RATE_EVERY_MS = 50;
const TAKE_OVER_EVERY_MS = 5_000;
/** A join over all backlogs, for the rare row that was put there around a deletion. */
const FIND_DELETED_EVERY_MS = 60_000;
/**
 * Of one subscription in one round: a long backlog shares its turn with the others, and has more of it
 * the fewer they are. Never more than a quarter of what is free.
 */
const CLAIMED_PER_SUBSCRIPTION = 32;
const SUBSCRIPTIONS_PER_ROUND_MAX = 64;

/** Makes the attempts that are due, and takes over those of dispatchers that died. */
export function createScheduler(deps: SchedulerDeps): Scheduler {
  const { database, dispatcherId, index, executor, bulkheads, recorder, logger } = deps;
  const underWay = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let expectedAt = Number.POSITIVE_INFINITY;
  /** Of the process's clock that never goes back. */
  let nextRoundAt = 0;

  /** One round after the other, and with fresh events under way at a pace that leaves them room. */
  async function lookAtAPace(signal: AbortSignal): Promise<boolean> {
    const waitMs = nextRoundAt - performance.now();
    if (waitMs > 0 && deps.isFreshUnderWay()) await delay(waitMs, undefined, { signal });
    const startedAt = performance.now();
    const more = await lookForDue();
    const endedAt = performance.now();
    const apartMs = Math.max(ROUNDS_APART_MS, ROUNDS_APART_FACTOR * (endedAt - startedAt));
    nextRoundAt = endedAt + Math.min(apartMs, ROUNDS_APART_MAX_MS);
    return more;
  }

  async function lookForDue(): Promise<boolean> {
    const free = deps.runningMax - underWay.size;
    if (free <= 0) return false;
    const { ids: passedOver, openInMs } = bulkheads.closedNow();
    const { rows, anyDue } = await claimDue(database.pool, {
      dispatcherId,
      subscriptionsMax: Math.min(free, SUBSCRIPTIONS_PER_ROUND_MAX),
      passedOver,
      room(id, { probing, among }) {
        if (probing) bulkheads.adoptProbe(id);
        const share = Math.max(CLAIMED_PER_SUBSCRIPTION, Math.floor(free / among));
        return Math.min(executor.room(id), share, Math.ceil(free / 4));
      },
    });
    await begin(rows, attemptClaimed);
    if (openInMs !== undefined) expectIn(openInMs);
    if (!anyDue) await rememberNext(passedOver);
    return rows.length > 0;
  }

  async function rememberNext(passedOver: readonly string[]): Promise<void> {
    const dueAt = await findNextDue(database.pool, passedOver);
    if (dueAt !== undefined) expect(dueAt);
  }

  /** When an endpoint whose rate is used up may have a request again. */
  function expectIn(waitMs: number): void {
    const at = deps.attempt.now() + Math.max(waitMs, LOOK_FOR_RATE_EVERY_MS);
    expect(new Date(at));
  }

  async function lookForDead(): Promise<boolean> {
    const rows = await takeOver(database.pool, dispatcherId);
    if (rows.length > 0) {
      logger.warn({ deliveries: rows.length }, 'took over deliveries of a dispatcher that died');
    }
    await begin(rows, recordUnknown);
    const freed = await freeForgotten(database.pool, dispatcherId);
    if (freed > 0) logger.warn({ deliveries: freed }, 'freed claims that were lost sight of');
    return rows.length === 500;
  }

  /** Gives each row its event and its subscription, and starts what is to be done with it. */
  async function begin(
    rows: readonly ClaimedRow[],
    todo: (row: ClaimedRow, delivery: Delivery) => Promise<void>,
  ): Promise<void> {
    if (rows.length === 0) return;
    await index.refresh();
    const events = await readEvents(database.pool, { eventIds: rows.map((row) => row.event_id) });
    for (const row of rows) {
      const work: Promise<void> = (
        row.event_type === PING_TYPE
          ? recordLostPing(row)
          : consider(row, events.get(row.event_id)).then(
              (delivery) => delivery && todo(row, delivery),
            )
      )
        .catch((error) => logger.error({ err: error }, 'a claimed delivery was left'))
        .finally(() => {
          underWay.delete(work);
          due.wake();
        });
      underWay.add(work);
    }
  }

  /** The delivery of a row, or undefined when it is not to be attempted, which is on record then. */
  async function consider(
    row: ClaimedRow,
    entry: Delivery['entry'] | undefined,
  ): Promise<Delivery | undefined> {
    const subscription = index.get(row.subscription_id);
    const delivery = toDelivery(row, entry, subscription);
    if (subscription === undefined || subscription.state === 'deleted') {
      await recorder.record({
        kind: 'completion',
        delivery,
        claim: row.claim,
        next: { kind: 'cancelled' },
      });
      return undefined;
    }
    if (entry === undefined) {
      const next = { kind: 'dead', cause: 'expired' } as const;
      await recorder.record({ kind: 'completion', delivery, claim: row.claim, next });
      return undefined;
    }
    if (subscription.state !== 'active') {
      await blockBacklog(database.pool, row.subscription_id);
      await recordClaimed(deps, { delivery, claim: row.claim, attempted: undefined });
      return undefined;
    }
    return delivery;
  }

  async function attemptClaimed({ claim }: ClaimedRow, delivery: Delivery): Promise<void> {
    const finished = Promise.withResolvers<void>();
    const record = async (attempted: Attempted | undefined) => {
      const next = await recordClaimed(deps, { delivery, claim, attempted });
      if (next.kind === 'retry') expect(next.dueAt);
    };
    const execution = executor.submit(delivery.subscription.id, {
      run: () => attemptNow(delivery).then(record).then(finished.resolve, finished.reject),
      shed: () => void record(undefined).then(finished.resolve, finished.reject),
    });
    if (execution === undefined) await record(undefined);
    else await finished.promise;
  }

  /** A ping whose dispatcher died may have been sent, and is not sent again. */
  async function recordLostPing(row: ClaimedRow): Promise<void> {
    const startedAt = row.claimed_before ?? row.event_recorded_at;
    const delivery = toDelivery(row, undefined, index.get(row.subscription_id));
    const { attempt } = unknownAttempt(delivery, { startedAt, now: deps.attempt.now });
    const next = { kind: 'dead', cause: 'unknown' } as const;
    await recorder.record({ kind: 'completion', delivery, claim: row.claim, attempt, next });
  }

  async function attemptNow(delivery: Delivery): Promise<Attempted | undefined> {
    const current = withCurrentSubscription(delivery, index);
    return current && (await makeAttempt(current, deps.attempt));
  }

  async function recordUnknown(row: ClaimedRow, delivery: Delivery): Promise<void> {
    const startedAt = row.claimed_before ?? new Date(deps.attempt.now());
    const attempted = unknownAttempt(delivery, { startedAt, now: deps.attempt.now });
    await recordClaimed(deps, { delivery, claim: row.claim, attempted });
    due.wake();
  }

  function expect(dueAt: Date): void {
    const at = dueAt.getTime();
    if (at >= expectedAt) return;
    expectedAt = at;
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        expectedAt = Number.POSITIVE_INFINITY;
        due.wake();
      },
      Math.min(Math.max(at - deps.attempt.now(), 0), 60_000),
    );
  }

  const due: Periodic = createPeriodic({
    name: 'looking for due deliveries',
    intervalMs: LOOK_EVERY_MS,
    runOnce: lookAtAPace,
    logger,
  });
  const dead = createPeriodic({
    name: 'looking for dispatchers that died',
    intervalMs: TAKE_OVER_EVERY_MS,
    runOnce: lookForDead,
    logger,
  });

  const cancelling = createPeriodic({
    name: 'cancelling deliveries of deleted subscriptions',
    intervalMs: LOOK_EVERY_MS,
    runOnce: () => cancelDeleted(database.pool),
    logger,
  });
  const deleted = createPeriodic({
    name: 'looking for deliveries of deleted subscriptions',
    intervalMs: FIND_DELETED_EVERY_MS,
    runOnce: () => findDeleted(database.pool),
    logger,
  });
  const all = [due, dead, cancelling, deleted];

  return {
    async start() {
      await Promise.all(all.map((part) => part.start()));
    },
    async stop() {
      clearTimeout(timer);
      await Promise.all(all.map((part) => part.stop()));
      await Promise.allSettled(underWay);
    },
    expect,
    lookNow: due.wake,
    wake() {
      due.wake();
      cancelling.wake();
    },
  };
}

/** A row whose event or subscription is gone still names what it was about. */
function toDelivery(
  row: ClaimedRow,
  entry: Delivery['entry'] | undefined,
  subscription: IndexedSubscription | undefined,
): Delivery {
  return {
    id: row.delivery_id,
    entry: entry ?? entryOfRow(row),
    subscription: subscription ?? ({ id: row.subscription_id } as IndexedSubscription),
    attemptsCount: row.attempts_count,
    attemptNumber: row.attempt_number,
    ...(row.first_attempt_at !== null && { firstAttemptAt: row.first_attempt_at }),
    ordered: row.ordered,
    ...(row.replay_id !== null && { replayId: row.replay_id }),
  };
}

function entryOfRow(row: ClaimedRow): Delivery['entry'] {
  return {
    line: row.line,
    subscriptionEpoch: 0,
    event: {
      id: row.event_id,
      tenant: row.tenant,
      type: row.event_type,
      recordedAt: row.event_recorded_at,
      sequence: row.sequence,
      position: -1n,
      source: '',
      time: row.event_recorded_at.toISOString(),
      phase: 'post',
      extensions: {},
      data: 'null',
    },
  };
}
