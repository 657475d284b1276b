import type { Database } from '@hookline/event-log';
import type { BatchConsumer } from '@hookline/messaging';
import type { SafeHttpClient } from '@hookline/safe-http';
import { ENDPOINT_REQUESTS_MAX, type SubscriptionIndex } from '@hookline/subscriptions';
import { type Logger, noTracing, type Tracing } from '@hookline/telemetry';
import type { AttemptDeps } from './attempt.ts';
import { createBulkheads } from './bulkheads.ts';
import { createDispatchSpans } from './dispatch-spans.ts';
import type { DecidedAttempt } from './domain/dispatch-record.ts';
import { signalOf } from './domain/endpoint-signal.ts';
import { createEndpointKeeper } from './endpoint-keeper.ts';
import { createExecutor } from './executor.ts';
import { createIntake } from './intake.ts';
import { createLines } from './lines.ts';
import { logAttempt } from './log-attempt.ts';
import type { DispatchMetrics } from './metrics.ts';
import { createPinger } from './ping.ts';
import { createPresence } from './presence.ts';
import { createRecorder } from './recorder.ts';
import { createRedrives } from './redrives.ts';
import { createReplays } from './replays.ts';
import { createScheduler } from './scheduler.ts';
import { type SettleDeps, settleEvent } from './settle-event.ts';
import { version } from './version.ts';

export interface DispatchDeps {
  readonly database: Database;
  readonly dispatcherId: string;
  readonly index: SubscriptionIndex;
  readonly client: SafeHttpClient;
  readonly consumer: BatchConsumer;
  readonly logger: Logger;
  readonly metrics: DispatchMetrics;
  /** Where spans go; by default nowhere. */
  readonly tracing?: Tracing;
  /** Deliveries were given up, and that is committed. */
  readonly onDead: () => void;
  /** Hears of every attempt that is on record. */
  readonly onAttempt?: (attempt: DecidedAttempt) => void;
}

/** Attempts under way at once, fresh and scheduled. Sockets and bodies of so many fit into 300 MB. */
const RUNNING_MAX = 6_144;
/** Of those, scheduled ones at most: a retry storm leaves room for fresh events. */
const SCHEDULED_MAX = 512;
/** Waiting in memory for one endpoint, if it is quick enough; what is beyond goes to the schedule at once. */
const QUEUED_PER_ENDPOINT_MAX = 2_048;
const QUEUED_PER_ENDPOINT_MIN = 128;
/** Events not settled yet; the reader waits beyond. */
const EVENTS_MAX = 2_048;
/** How long a stop lets attempts finish before it cuts them off and records them as unknown. */
const STOP_GRACE_MS = 8_000;

/** Puts the parts of dispatching together: intake, executor, recorder, scheduler, presence. */
export function createDispatch(deps: DispatchDeps) {
  const { database, dispatcherId, index, logger, metrics, tracing = noTracing } = deps;
  const spans = createDispatchSpans(tracing);
  const bulkheads = createBulkheads({
    limitMax: ENDPOINT_REQUESTS_MAX,
    subscription: index.get,
    onHeld(id) {
      executor.shed(id);
      keeper.hold(id);
    },
    onFreed: (id) => keeper.hold(id),
    random: Math.random,
  });
  const keeper = createEndpointKeeper({
    database,
    dispatcherId,
    bulkheads,
    logger,
    onFreed: () => scheduler.wake(),
  });
  const executor = createExecutor({
    runningMax: RUNNING_MAX,
    gate: bulkheads,
    queuedPerEndpointMax: QUEUED_PER_ENDPOINT_MAX,
    queuedPerEndpointMin: QUEUED_PER_ENDPOINT_MIN,
  });
  const recorder = createRecorder({
    database,
    dispatcherId,
    logger,
    onRecorded(decided) {
      metrics.recorded(decided);
      spans.attempted(decided);
      logAttempt(logger, decided);
      deps.onAttempt?.(decided);
    },
    onDead: deps.onDead,
    onLine: () => lines.wake(),
  });
  const attempt: AttemptDeps = {
    client: deps.client,
    userAgent: `Hookline/${version}`,
    random: Math.random,
    now: Date.now,
    tracing,
    onResult({ subscription }, result) {
      const { durationMs, retryAfterMs } = result;
      bulkheads.observe(subscription.id, {
        signal: signalOf(result),
        durationMs,
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      });
    },
  };
  const scheduler = createScheduler({
    database,
    dispatcherId,
    index,
    executor,
    bulkheads,
    recorder,
    attempt,
    logger,
    isFreshUnderWay: () => intake.underWay() > 0,
    runningMax: SCHEDULED_MAX,
  });
  const lines = createLines({ database, logger, onDue: scheduler.lookNow });
  const again = {
    database,
    index,
    logger,
    tracing,
    onEnqueued() {
      scheduler.lookNow();
      lines.wake();
    },
  };
  const replays = createReplays(again);
  const redrives = createRedrives(again);
  const late = new Set<Promise<void>>();
  const pinger = createPinger({ database, dispatcherId, index, recorder, attempt, logger });
  const settling: SettleDeps = {
    index,
    executor,
    recorder,
    attempt,
    spans,
    onWaiting: scheduler.expect,
    onLate(completion) {
      late.add(completion);
      void completion.finally(() => late.delete(completion));
    },
  };
  const intake = createIntake({
    consumer: deps.consumer,
    database,
    dispatcherId,
    index,
    logger,
    eventsMax: EVENTS_MAX,
    settle: (entry, how) => settleEvent(entry, settling, how),
  });
  const presence = createPresence({
    database,
    dispatcherId,
    logger,
    onSilent: executor.pause,
    onHeard: executor.resume,
  });
  metrics.watch({
    running: executor.running,
    eventsUnderWay: intake.underWay,
    breakers: bulkheads.count,
  });
  let reading = Promise.resolve();

  return {
    /** Says that a replay was queued. */
    replay: replays.wake,
    /** Says that subscriptions changed, or deliveries were moved by hand. */
    wake() {
      scheduler.wake();
      lines.wake();
    },
    /** Answers a question for a ping, see createPinger(). */
    ping(question: string): Promise<string> {
      const answered = pinger(question);
      const ended: Promise<void> = answered.then(() => void late.delete(ended));
      late.add(ended);
      return answered;
    },
    async start(): Promise<void> {
      await presence.start();
      await keeper.start();
      await scheduler.start();
      await lines.start();
      await replays.start();
      await redrives.start();
      reading = intake.run();
      reading.catch((error) => logger.error({ err: error }, 'reading of EVENTS ended'));
    },
    /** Takes nothing new, lets attempts finish for a while, records all, gives claims back. */
    async stop(): Promise<void> {
      await intake.stop();
      await Promise.all([lines.stop(), replays.stop(), redrives.stop()]);
      const ended = Promise.all([scheduler.stop(), ...late]);
      await resolvedWithin(ended, STOP_GRACE_MS);
      // Not before: an attempt that had yet to start would be cut off, and be unknown for nothing.
      await deps.client.close({ graceMs: 0 });
      await ended;
      await reading.catch(() => {});
      await recorder.stop();
      await keeper.stop();
      await presence.stop();
    },
  };
}

/** Waits for it, but no longer than that. */
async function resolvedWithin(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  await Promise.race([work, late]);
  clearTimeout(timer);
}
