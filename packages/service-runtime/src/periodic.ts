import type { Logger } from '@hookline/telemetry';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { reasonOf } from './retry-until.ts';

export interface PeriodicOptions {
  /** For log lines. */
  readonly name: string;
  /** Pause between the end of one run and the start of the next, in milliseconds. */
  readonly intervalMs: number;
  /** However often it is woken, runs that leave nothing to do begin so far apart, in milliseconds. Default 0. */
  readonly apartMs?: number;
  /** One run; resolving to true asks for the next one at once, because there is more to do. */
  readonly runOnce: (signal: AbortSignal) => Promise<unknown>;
  readonly logger: Logger;
}

export interface Periodic extends Lifecycle {
  /** Makes the next run happen now; one asked for during a run follows that run. */
  wake(): void;
}

/**
 * Runs a task again and again, one run at a time. A run that fails is logged and the next one comes
 * after the interval; repeats of the same failure are logged once in a minute. `stop` waits for the
 * run under way.
 */
export function createPeriodic(options: PeriodicOptions): Periodic {
  const { name, intervalMs, apartMs = 0, runOnce, logger } = options;
  let woken = false;
  let wakeUp = (): void => {};
  let failure = '';
  let failureLoggedAt = 0;

  const run = async (signal: AbortSignal): Promise<boolean> => {
    try {
      const more = await runOnce(signal);
      failure = '';
      return more === true;
    } catch (error) {
      if (signal.aborted) return false;
      const reason = reasonOf(error);
      if (reason !== failure || performance.now() - failureLoggedAt > 60_000) {
        logger.error({ err: error }, `${name} failed: ${reason}`);
        failure = reason;
        failureLoggedAt = performance.now();
      }
      return false;
    }
  };

  const pause = (signal: AbortSignal, begunAt: number): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      let timer = setTimeout(done, intervalMs);
      signal.addEventListener('abort', done);
      wakeUp = () => {
        const waitMs = begunAt + apartMs - performance.now();
        clearTimeout(timer);
        if (waitMs > 0) timer = setTimeout(done, waitMs);
        else done();
      };
      if (signal.aborted) done();
      else if (woken) wakeUp();
    });

  const loop = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      woken = false;
      const begunAt = performance.now();
      const more = await run(signal);
      // Even a task with always more to do lets timers and sockets have their turn.
      await (more ? new Promise((resolve) => setImmediate(resolve)) : pause(signal, begunAt));
    }
  };

  const lifecycle = createLifecycle(async () => {
    const abort = new AbortController();
    const finished = loop(abort.signal);
    return async () => {
      abort.abort();
      await finished;
    };
  });

  return {
    ...lifecycle,
    wake() {
      woken = true;
      wakeUp();
    },
  };
}
