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
/** After this long a line is looked at again whose head waits for an unsettled event. */
const EARLY_AGAIN_MS = 10;

/** Keeps the lines of ordered subscriptions going: makes the head of each due (P7). */
export function createLines({ database, logger, onDue }: LinesDeps): Lines {
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<boolean> {
    const { promoted, early, more } = await promoteHeads(database.pool);
    if (promoted > 0) onDue();
    if (early > 0 && timer === undefined) {
      timer = setTimeout(() => {
        timer = undefined;
        looking.wake();
      }, EARLY_AGAIN_MS);
    }
    return more;
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
