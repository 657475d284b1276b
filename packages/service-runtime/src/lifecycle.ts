/** Everything long-lived: started once, stopped once, in whatever order the calls come. */
export interface Lifecycle {
  /** Starts; a second call returns the first one's promise. Rejects once stopped. */
  start(): Promise<void>;
  /** Settles as the first `start` does. */
  readonly started: Promise<void>;
  /** Stops; waits for a start under way, whose signal is aborted. A second call waits for the first. */
  stop(): Promise<void>;
}

/** Releases what a start has made. */
export type StopFunction = () => Promise<void> | void;

/**
 * Makes the Start, Started, Stop contract of a function that starts something and returns what stops
 * it again. `stop` before `start` leaves it stopped for good; a start that failed needs no stop.
 */
export function createLifecycle(begin: (signal: AbortSignal) => Promise<StopFunction>): Lifecycle {
  const abort = new AbortController();
  const started = Promise.withResolvers<void>();
  // Nobody has to await `started`; a failure reaches the caller of `start`.
  started.promise.catch(() => {});
  let starting: Promise<StopFunction> | undefined;
  let stopping: Promise<void> | undefined;

  const finish = async (): Promise<void> => {
    abort.abort(new Error('stopped'));
    if (starting === undefined) {
      started.reject(new Error('stopped before it was started'));
      return;
    }
    const stop = await starting.catch(() => undefined);
    await stop?.();
  };

  return {
    started: started.promise,
    start() {
      if (starting === undefined && stopping === undefined) {
        // An async wrapper, so that a synchronous throw becomes a rejection as well.
        starting = (async () => begin(abort.signal))();
        starting.then(() => started.resolve(), started.reject);
      }
      return started.promise;
    },
    stop() {
      stopping ??= finish();
      return stopping;
    },
  };
}
