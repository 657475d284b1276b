import { type DispatchableEvent, deliveryId, isAboutItself } from '@hookline/contracts';
import type { IndexedSubscription, SubscriptionIndex } from '@hookline/subscriptions';
import { type AttemptDeps, type Attempted, makeAttempt } from './attempt.ts';
import { withCurrentSubscription } from './current-subscription.ts';
import type { DispatchSpans } from './dispatch-spans.ts';
import type { Delivery } from './domain/delivery.ts';
import type { Waiting } from './domain/dispatch-record.ts';
import type { Execution, Executor } from './executor.ts';
import { recordClaimed } from './record-claimed.ts';
import type { Recorder } from './recorder.ts';
import { unknownAttempt } from './unknown-attempt.ts';

export interface SettleDeps {
  readonly index: SubscriptionIndex;
  readonly executor: Executor;
  readonly recorder: Recorder;
  readonly attempt: AttemptDeps;
  readonly spans: Pick<DispatchSpans, 'dispatched'>;
  /** Hears of deliveries that wait in the schedule now. */
  readonly onWaiting: (dueAt: Date) => void;
  /** Is given attempts that go on after their event is settled; each resolves when it is on record. */
  readonly onLate: (completion: Promise<void>) => void;
}

/** An event is settled after this long at the latest; attempts still running go on as claimed rows. */
export const SETTLE_AFTER_MS = 1_000;

/**
 * Of an event that an ordered subscription gets: its line goes on only when the event is settled, and
 * should not wait that long for the endpoints of others (P4).
 */
const SETTLE_ORDERED_AFTER_MS = 50;

/** A first attempt on its way. */
interface FirstAttempt {
  readonly delivery: Delivery;
  /** undefined: its endpoint may have no more now, so it never started. */
  readonly execution: Execution | undefined;
  readonly finished: Promise<void>;
  readonly isFinished: () => boolean;
  /** undefined while it runs. */
  readonly result: () => Attempted | undefined;
}

/**
 * Matches an event, makes the first attempts of its deliveries side by side, and settles it in one
 * record: the outbox row goes, and what is not done by then is in the schedule. Resolves when that
 * is committed.
 *
 * `crashed` says that a dispatcher may have sent first attempts before: they go on record as unknown.
 */
export async function settleEvent(
  entry: DispatchableEvent,
  deps: SettleDeps,
  { crashed = false } = {},
): Promise<void> {
  const { event } = entry;
  const startedMs = deps.attempt.now();
  const firsts: FirstAttempt[] = [];
  const held: Delivery[] = [];
  const ordered: Delivery[] = [];
  const unknown: Attempted[] = [];
  for (const subscription of deps.index.match(event, entry.subscriptionEpoch)) {
    if (isAboutItself(event, subscription.id)) continue;
    let delivery = newDelivery(entry, subscription);
    if (subscription.ordering === 'per_server') {
      // Sent from the schedule alone, never before the event is settled: no crash leaves it unknown.
      ordered.push(delivery);
      continue;
    }
    if (crashed) {
      const attempted = unknownAttempt(delivery, {
        startedAt: event.recordedAt,
        now: deps.attempt.now,
      });
      unknown.push(attempted);
      delivery = attempted.delivery;
    }
    if (subscription.state === 'paused') held.push(delivery);
    else firsts.push(startFirst(delivery, deps));
  }
  await doneOrLate(firsts, ordered.length > 0 ? SETTLE_ORDERED_AFTER_MS : SETTLE_AFTER_MS);

  const done = firsts.flatMap((first) => first.result() ?? []);
  const open = firsts.filter((first) => first.result() === undefined);
  const spilled = open.filter(neverSent);
  const running = open.filter((first) => !spilled.includes(first));
  const now = new Date(deps.attempt.now());
  const waiting: Waiting[] = [
    ...running.map(({ delivery }) => ({ delivery, dueAt: now, claimed: true })),
    ...spilled.map(({ delivery }) => ({ delivery, dueAt: now, claimed: false })),
    ...held.map((delivery) => ({ delivery, dueAt: now, claimed: false })),
    ...ordered.map((delivery) => ({ delivery, dueAt: now, claimed: false, ordered: true })),
    ...done.flatMap(({ delivery, decision }) =>
      decision.kind === 'retry' ? [{ delivery, dueAt: decision.dueAt, claimed: false }] : [],
    ),
  ];
  await deps.recorder.record({
    kind: 'settlement',
    event,
    attempts: [...unknown, ...done],
    waiting,
  });
  deps.spans.dispatched({
    entry,
    startedMs,
    endedMs: deps.attempt.now(),
    deliveries: firsts.length + held.length + ordered.length,
    failed: done.some(({ attempt }) => attempt.result.outcome !== 'succeeded'),
  });
  for (const { dueAt, claimed, ordered } of waiting) {
    if (!claimed && ordered !== true) deps.onWaiting(dueAt);
  }
  for (const first of running) deps.onLate(completeLate(first, deps));
}

function newDelivery(entry: DispatchableEvent, subscription: IndexedSubscription): Delivery {
  const id = deliveryId(entry.event.id, subscription.id);
  return { id, entry, subscription, attemptsCount: 0, attemptNumber: 0 };
}

function startFirst(delivery: Delivery, deps: SettleDeps): FirstAttempt {
  const finished = Promise.withResolvers<void>();
  let result: Attempted | undefined;
  let isFinished = false;
  const finish = () => {
    isFinished = true;
    finished.resolve();
  };
  // The executor may start the attempt before it returns.
  const execution = deps.executor.submit(delivery.subscription.id, {
    async run() {
      const current = withCurrentSubscription(delivery, deps.index);
      if (current !== undefined) result = await makeAttempt(current, deps.attempt);
      finish();
    },
    shed: finish,
  });
  if (execution === undefined) finish();
  return {
    delivery,
    execution,
    finished: finished.promise,
    isFinished: () => isFinished,
    result: () => result,
  };
}

async function doneOrLate(firsts: readonly FirstAttempt[], afterMs: number): Promise<void> {
  if (firsts.length === 0) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, afterMs);
  });
  await Promise.race([late, Promise.all(firsts.map((first) => first.finished))]);
  clearTimeout(timer);
}

/** Whether nothing was sent, and now never will be; an attempt that waits is taken back. */
function neverSent(first: FirstAttempt): boolean {
  return first.isFinished() || first.execution === undefined || first.execution.withdraw();
}

/** The claim that a settlement makes for an attempt still running. */
const FIRST_CLAIM = 1n;

async function completeLate(first: FirstAttempt, deps: SettleDeps): Promise<void> {
  await first.finished;
  const next = await recordClaimed(deps, {
    delivery: first.delivery,
    claim: FIRST_CLAIM,
    attempted: first.result(),
  });
  if (next.kind === 'retry') deps.onWaiting(next.dueAt);
}
