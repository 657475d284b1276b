/** Signals this soon after the first are the same Ctrl-C, sent to the whole foreground group and passed on. */
const SAME_SIGNAL_MS = 500;

/** What a program that was asked to stop throws from wherever it was waiting. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/**
 * Turns Ctrl-C and its like into an abort, so that what was started is taken down; a second Ctrl-C
 * calls `atOnce` instead of waiting for that.
 */
export function listenForInterruption(atOnce: () => void): Disposable & { signal: AbortSignal } {
  const abort = new AbortController();
  const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  let heardAt: number | undefined;
  const hear = () => {
    if (heardAt === undefined) {
      heardAt = performance.now();
      abort.abort(new Interrupted('interrupted'));
    } else if (performance.now() - heardAt > SAME_SIGNAL_MS) atOnce();
  };
  for (const signal of signals) process.on(signal, hear);
  return {
    signal: abort.signal,
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, hear);
    },
  };
}

/** The promise, unless the signal comes first: then its reason is thrown. */
export async function unlessInterrupted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const interrupted = Promise.withResolvers<never>();
  const onAbort = () => interrupted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, interrupted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
