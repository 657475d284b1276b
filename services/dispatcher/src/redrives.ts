import { findRetentionBoundary } from '@hookline/event-log';
import { createPeriodic } from '@hookline/service-runtime';
import type pg from 'pg';
import { LOOK_AGAIN_MS, nextStepAfterMs, stepSize } from './domain/replay.ts';
import {
  endOrWait,
  lockRedrive,
  nextPart,
  notePartStep,
  type OpenRedrive,
  postponePart,
  type RedrivePart,
  readDeadLettersToRedrive,
  readPartUnderway,
} from './postgres/redrive-step.ts';
import { scheduleAgain } from './postgres/schedule-again.ts';
import type { ReplaysDeps } from './replays.ts';

/**
 * Runs redrives, step by step, as replays are run: each step is one transaction that hands some dead
 * letters of one subscription to the schedule and moves that subscription's checkpoint. So any
 * dispatcher takes the next step, and a crash neither skips a dead letter nor hands one over twice.
 *
 * Subscriptions take turns, each with its own bound on what is under way: one that is disabled, or
 * takes nothing, keeps the redrive from its end, and no other from its dead letters (P4).
 */
export function createRedrives(deps: ReplaysDeps) {
  const { database, logger } = deps;

  async function runOnce(): Promise<boolean> {
    const client = await database.pool.connect();
    try {
      await client.query('BEGIN');
      const redrive = await lockRedrive(client);
      const enqueued = redrive === undefined ? 0 : await takeStep(client, deps, redrive);
      await client.query('COMMIT');
      if (enqueued > 0) deps.onEnqueued();
      return redrive !== undefined;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {});
      throw error;
    } finally {
      client.release();
    }
  }

  const stepping = createPeriodic({
    name: 'redriving dead letters',
    intervalMs: LOOK_AGAIN_MS,
    runOnce,
    logger,
  });
  return { start: stepping.start, stop: stepping.stop, wake: stepping.wake };
}

async function takeStep(
  client: pg.ClientBase,
  { database, index }: ReplaysDeps,
  redrive: OpenRedrive,
): Promise<number> {
  const part = await nextPart(client, redrive);
  if (part === undefined) {
    await endOrWait(client, redrive);
    return 0;
  }
  await index.refresh();
  const subscription = index.get(part.subscription_id);
  if (subscription === undefined || subscription.state === 'deleted') {
    await leaveOut(client, redrive, part);
    return 0;
  }
  const pace = redrive.deliveries_per_second ?? undefined;
  const room = stepSize(await readPartUnderway(client, redrive, part), pace);
  if (room <= 0) {
    await postponePart(client, redrive, part);
    return 0;
  }
  const page = await readDeadLettersToRedrive(client, {
    ...{ database, redrive, part, limit: room },
    keptFrom: await findRetentionBoundary(database.pool),
  });
  const added = await scheduleAgain(client, {
    deliveries: page.deliveries,
    replayId: redrive.replay_id,
    ordered: subscription.ordering === 'per_server',
  });
  const step = {
    after: page.after,
    done: page.deliveries.length < room,
    scanned: page.deliveries.length,
    enqueued: added.length,
    nextAfterMs: nextStepAfterMs(added.length, pace),
  };
  await notePartStep(client, redrive, { part, step });
  return added.length;
}

/** What a subscription was deleted with stays as it is. */
async function leaveOut(
  client: pg.ClientBase,
  redrive: OpenRedrive,
  part: RedrivePart,
): Promise<void> {
  const step = { after: part, done: true, scanned: 0, enqueued: 0, nextAfterMs: 0 };
  await notePartStep(client, redrive, { part, step });
}
