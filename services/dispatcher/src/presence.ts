import type { Database } from '@hookline/event-log';
import { createPeriodic, reasonOf } from '@hookline/service-runtime';
import type { Logger } from '@hookline/telemetry';
import { DEAD_AFTER_MS } from './postgres/claims.ts';
import { beat, forgetGone, leave } from './postgres/presence.ts';

export interface PresenceDeps {
  readonly database: Database;
  readonly dispatcherId: string;
  readonly logger: Logger;
  /** The heartbeat is so old that others may soon hold this dispatcher for dead: send nothing more. */
  readonly onSilent: () => void;
  /** The heartbeat is written again. */
  readonly onHeard: () => void;
}

export interface Presence {
  start(): Promise<void>;
  /** Gives the claims back and leaves. */
  stop(): Promise<void>;
}

export const BEAT_EVERY_MS = 5_000;
/** By the monotonic clock, before anybody else can find this dispatcher dead by Postgres's. */
const SILENT_AFTER_MS = DEAD_AFTER_MS - 3_000;
const LOOK_EVERY_MS = 500;

/** Keeps the dispatcher's heartbeat, and stops its sending when the heartbeat cannot be written. */
export function createPresence(deps: PresenceDeps): Presence {
  const { database, dispatcherId, logger } = deps;
  let beatenAt = performance.now();
  let silent = false;

  async function beatOnce(): Promise<void> {
    const startedAt = performance.now();
    await beat(database.pool, dispatcherId);
    beatenAt = startedAt;
    if (silent) {
      silent = false;
      logger.info('the heartbeat is back: sending goes on');
      deps.onHeard();
    }
  }

  const beating = createPeriodic({
    name: 'heartbeat',
    intervalMs: BEAT_EVERY_MS,
    logger,
    runOnce: beatOnce,
  });
  const looking = setInterval(() => {
    if (performance.now() - beatenAt < SILENT_AFTER_MS) return;
    if (!silent) {
      silent = true;
      logger.warn('the heartbeat cannot be written: nothing is sent until Postgres is back');
      deps.onSilent();
    }
    beating.wake();
  }, LOOK_EVERY_MS);
  looking.unref();

  return {
    async start() {
      await beatOnce();
      await forgetGone(database.pool);
      await beating.start();
    },
    async stop() {
      clearInterval(looking);
      await beating.stop();
      try {
        await leave(database.pool, dispatcherId);
      } catch (error) {
        logger.warn(`claims are given back by the others in 15 s: ${reasonOf(error)}`);
      }
    },
  };
}
