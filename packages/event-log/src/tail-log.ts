import type pg from 'pg';
import type { LogCheckpoint } from './logged-event.ts';
import { type LogPage, PAGE_EVENTS, readLog } from './read-log.ts';

/** The log as it grows: pages that hold at least one event each. */
export interface LogTail extends AsyncIterable<LogPage> {
  /** Something was appended: look now, not at the next poll. Cheap, and harmless when wrong. */
  wake(): void;
  /** Ends the iteration after the page that is being handled. */
  stop(): void;
}

/**
 * Follows the log from a checkpoint, for ever, in its order and without gaps.
 *
 * It reads when it is asked, one page ahead of what is being handled, so it holds at most two
 * pages. At the end of the log it looks again every `pollMs` (default 250), or when woken. A read
 * that fails is thrown out of the iteration: begin a new tail at the last checkpoint handled.
 */
export function tailLog(
  pool: pg.Pool,
  options: {
    readonly after: LogCheckpoint;
    readonly pageEvents?: number;
    readonly pollMs?: number;
  },
): LogTail {
  const { pageEvents = PAGE_EVENTS, pollMs = 250 } = options;
  let stopped = false;
  let woken = false;
  let endWait: (() => void) | undefined;

  function rouse(): void {
    woken = true;
    endWait?.();
  }
  async function wait(): Promise<void> {
    if (woken || stopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pollMs);
      endWait = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    endWait = undefined;
  }
  function read(after: LogCheckpoint): Promise<LogPage> {
    const page = readLog(pool, { after, limit: pageEvents });
    // It may fail while an earlier page is being handled: it is thrown when it is awaited.
    page.catch(() => undefined);
    return page;
  }
  async function* pages(): AsyncGenerator<LogPage> {
    let next = read(options.after);
    while (!stopped) {
      const page = await next;
      if (stopped) return;
      const full = page.events.length === pageEvents;
      if (full) next = read(page.checkpoint);
      if (page.events.length > 0) yield page;
      if (full) continue;
      await wait();
      woken = false;
      if (!stopped) next = read(page.checkpoint);
    }
  }
  return {
    wake: rouse,
    stop() {
      stopped = true;
      rouse();
    },
    [Symbol.asyncIterator]: pages,
  };
}
