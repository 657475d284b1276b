import { setTimeout as delay } from 'node:timers/promises';
import { FencedError } from '@hookline/event-log';
import { reasonOf } from '@hookline/service-runtime';
import type { Logger } from '@hookline/telemetry';

export interface Patience {
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** A failure that no waiting mends: it is thrown. Default: there is none. */
  readonly isFinal?: (error: unknown) => boolean;
  /** Longest pause between two tries. Default 2,000 ms. */
  readonly delayMaxMs?: number;
}

const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 2_000;
const LOG_EVERY_MS = 10_000;

/** Tries again for ever, but gives way to a stop, and at once to whoever has taken the lease over. */
export async function patiently<T>(attempt: () => Promise<T>, patience: Patience): Promise<T> {
  const { signal, logger, isFinal = () => false, delayMaxMs = RETRY_MAX_MS } = patience;
  let delayMs = Math.min(RETRY_FIRST_MS, delayMaxMs);
  let loggedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof FencedError || isFinal(error)) throw error;
      if (performance.now() - loggedAt >= LOG_EVERY_MS) {
        logger.error({ err: error }, `appending waits for Postgres: ${reasonOf(error)}`);
        loggedAt = performance.now();
      }
    }
    signal.throwIfAborted();
    await delay(delayMs, undefined, { signal });
    delayMs = Math.min(delayMs * 2, delayMaxMs);
  }
}
