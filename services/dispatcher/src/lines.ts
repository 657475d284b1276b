import type { Database } from '@hookline/event-log';
import { createPeriodic } from '@hookline/service-runtime';
import type { Logger } from '@hookline/telemetry';
import { promoteHeads } from './postgres/promote-heads.ts';

export interface LinesDeps {
  readonly database: Database;
  readonly logger: Logger;
  /** Hears that heads of lines are due now. */
  readonly onDue: () => void;
}

export interface Lines {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Says that a line may have a new head, so that it is not found by the next look only. */
  wake(): void;
}

/** How often marks are looked for that other dispatchers left, or one that died. */
const LOOK_EVERY_MS = 1_000;
/** Marks that another dispatcher is looking at are left to it for so long at least. */
const LOOK_AGAIN_MIN_MS = 10;

/** Keeps the lines of ordered subscriptions going: makes the head of each due (P7). */
export function createLines({ database, logger, onDue }: LinesDeps): Lines {
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    const { promoted, waitMs } = await promoteHeads(database.pool);
    if (promoted > 0) onDue();
    clearTimeout(timer);
    if (waitMs !== undefined && waitMs < LOOK_EVERY_MS) {
      timer = setTimeout(looking.wake, Math.max(LOOK_AGAIN_MIN_MS, waitMs));
    }
  }

  const looking = createPeriodic({
    name: 'looking for heads of lines',
    intervalMs: LOOK_EVERY_MS,
    runOnce: look,
    logger,
  });
  return {
    start: () => looking.start(),
    async stop() {
      await looking.stop();
      clearTimeout(timer);
    },
    wake: looking.wake,
  };
}
