import { deliveryId, isAboutItself } from '@hookline/contracts';
import type { Database } from '@hookline/event-log';
import { createPeriodic } from '@hookline/service-runtime';
import {
  createFilterIndex,
  type IndexedSubscription,
  type SubscriptionFilter,
  type SubscriptionIndex,
} from '@hookline/subscriptions';
import { type Logger, noTracing, type Tracing } from '@hookline/telemetry';
import type pg from 'pg';
import { LOOK_AGAIN_MS, nextStepAfterMs, stepSize } from './domain/replay.ts';
import {
  failReplay,
  lockReplay,
  noteStep,
  type OpenReplay,
  postponeStep,
  type ReplayEvent,
  readEarlier,
  readEventsToReplay,
  readUnderway,
} from './postgres/replay-step.ts';
import { scheduleAgain } from './postgres/schedule-again.ts';
import { type ReplayStep, recordReplayStep } from './replay-spans.ts';

export interface ReplaysDeps {
  readonly database: Database;
  readonly index: SubscriptionIndex;
  readonly logger: Logger;
  readonly tracing?: Tracing;
  /** Hears that deliveries are due now, or lines have a new head. */
  readonly onEnqueued: () => void;
}

/**
 * Runs replays, step by step: each step is one transaction that looks at some events, hands those
 * that match to the schedule, and moves the checkpoint. So any dispatcher takes the next step, and a
 * crash neither skips an event nor hands one over twice.
 */
export function createReplays(deps: ReplaysDeps) {
  const { database, index, logger, tracing = noTracing } = deps;

  async function runOnce(): Promise<boolean> {
    const client = await database.pool.connect();
    try {
      await client.query('BEGIN');
      const startedMs = Date.now();
      const replay = await lockReplay(client);
      const step = replay === undefined ? NOTHING : await takeStep(client, replay);
      await client.query('COMMIT');
      if (step.enqueued > 0) deps.onEnqueued();
      if (replay !== undefined) recordReplayStep(tracing, { replay, startedMs, ...step });
      return replay !== undefined;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {});
      throw error;
    } finally {
      client.release();
    }
  }

  async function takeStep(client: pg.ClientBase, replay: OpenReplay): Promise<ReplayStep> {
    await index.refresh();
    const subscription = index.get(replay.subscription_id);
    if (subscription === undefined || subscription.state === 'deleted') {
      const error = 'its subscription was deleted';
      await failReplay(client, { replay, error });
      return { enqueued: 0, isLast: true, error };
    }
    const pace = replay.deliveries_per_second ?? undefined;
    const room = stepSize(await readUnderway(client, replay), pace);
    const page = room > 0 ? await readEventsToReplay(client, replay) : undefined;
    if (page === undefined || (page.events.length === 0 && !page.isLast)) {
      await postponeStep(client, replay);
      return NOTHING;
    }
    const chosen = await choose(client, { replay, subscription, events: page.events });
    const taken = chosen.slice(0, room);
    const isWhole = taken.length === chosen.length;
    const events = isWhole ? page.events : upTo(page.events, taken.at(-1)?.event.position);
    const added = await scheduleAgain(client, {
      deliveries: taken.map((entry) => toAgain(entry, subscription)),
      replayId: replay.replay_id,
      ordered: subscription.ordering === 'per_server',
    });
    await noteStep(client, {
      replay,
      step: {
        position: events.at(-1)?.event.position ?? replay.after_position,
        scanned: events.length,
        enqueued: added.length,
        isLast: page.isLast && isWhole,
        nextAfterMs: nextStepAfterMs(added.length, pace),
      },
    });
    return { enqueued: added.length, isLast: page.isLast && isWhole };
  }

  const stepping = createPeriodic({
    name: 'replaying events',
    intervalMs: LOOK_AGAIN_MS,
    runOnce,
    logger,
  });
  return { start: stepping.start, stop: stepping.stop, wake: stepping.wake };
}

const NOTHING: ReplayStep = { enqueued: 0, isLast: false };

interface Chosen extends ReplayEvent {
  readonly attemptNumber: number;
}

/** The events of a page that the replay delivers, in their order. */
async function choose(
  client: pg.ClientBase,
  {
    replay,
    subscription,
    events,
  }: {
    readonly replay: OpenReplay;
    readonly subscription: IndexedSubscription;
    readonly events: readonly ReplayEvent[];
  },
): Promise<Chosen[]> {
  const filters = createFilterIndex();
  const filter =
    replay.filter === null
      ? subscription.filter
      : (JSON.parse(replay.filter) as SubscriptionFilter);
  filters.add({ format: subscription.format, filter });
  const matching = events.filter(
    ({ event }) => filters.match(event).length > 0 && !isAboutItself(event, subscription.id),
  );
  const [first] = matching;
  if (first === undefined) return [];
  const earlier = await readEarlier(client, {
    tenant: replay.tenant,
    deliveryIds: matching.map(({ event }) => deliveryId(event.id, subscription.id)),
    since: first.event.recordedAt,
  });
  return matching.flatMap((entry) => {
    const before = earlier.get(deliveryId(entry.event.id, subscription.id));
    if (replay.undelivered_only && before?.succeeded === true) return [];
    return [{ ...entry, attemptNumber: before?.number ?? 0 }];
  });
}

function upTo(events: readonly ReplayEvent[], position: bigint | undefined): ReplayEvent[] {
  return events.filter(({ event }) => position !== undefined && event.position <= position);
}

function toAgain({ event, line, attemptNumber }: Chosen, subscription: IndexedSubscription) {
  return {
    deliveryId: deliveryId(event.id, subscription.id),
    subscriptionId: subscription.id,
    tenant: event.tenant,
    eventId: event.id,
    eventType: event.type,
    eventRecordedAt: event.recordedAt,
    line,
    sequence: event.sequence,
    attemptsCount: 0,
    attemptNumber,
  };
}
