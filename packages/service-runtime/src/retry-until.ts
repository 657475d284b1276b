import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@hookline/telemetry';

export interface RetryUntilOptions<T> {
  /** What is waited for, for people: `Postgres at 127.0.0.1:5433`. */
  readonly what: string;
  /** What to do when it does not come: `start it, or set HOOKLINE_POSTGRES_URL`. */
  readonly mend: string;
  readonly attempt: (signal: AbortSignal) => Promise<T>;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** First pause between attempts, doubled each time up to the longest. Default 100 ms and 2 s. */
  readonly firstDelayMs?: number;
  readonly delayMaxMs?: number;
  /** How often the waiting is logged, the first time at the first failure. Default 10 s. */
  readonly logEveryMs?: number;
  /** An error that no waiting will mend; it is thrown at once. */
  readonly isFatal?: (error: unknown) => boolean;
}

/** The reason of a failure in one line; connecting to several addresses fails with several. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return [...new Set(error.errors.map(reasonOf))].join('; ');
  }
  const message = error instanceof Error ? error.message || error.name : String(error);
  return message.replaceAll(/\s*\n\s*/g, ' ');
}

/**
 * Tries until it works, saying what it waits for and how to mend it.
 *
 * @throws the signal's reason when it is aborted, and what `isFatal` accepts.
 */
export async function retryUntil<T>(options: RetryUntilOptions<T>): Promise<T> {
  const { what, mend, attempt, signal, logger, logEveryMs = 10_000, delayMaxMs = 2_000 } = options;
  let delayMs = options.firstDelayMs ?? 100;
  let loggedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    signal.throwIfAborted();
    try {
      const result = await attempt(signal);
      if (loggedAt !== Number.NEGATIVE_INFINITY) logger.info(`${what} is there`);
      return result;
    } catch (error) {
      signal.throwIfAborted();
      if (options.isFatal?.(error) === true) throw error;
      if (performance.now() - loggedAt >= logEveryMs) {
        logger.warn(`waiting for ${what} (${reasonOf(error)}): ${mend}`);
        loggedAt = performance.now();
      }
    }
    await delay(delayMs, undefined, { signal }).catch(() => {});
    delayMs = Math.min(delayMs * 2, delayMaxMs);
  }
}
