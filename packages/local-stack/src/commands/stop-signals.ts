/** The part of `process` that hears signals. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
}

/**
 * Signals this soon after the first are the same Ctrl-C: the terminal sends it
 * to the whole foreground group, and a package manager may pass it on as well.
 */
const SAME_SIGNAL_MS = 500;

/**
 * Turns signals into one soft stop and then, on another SIGINT or SIGTERM, a
 * hard one. A closed terminal (SIGHUP) stops softly however often it is said.
 */
export function stopOnSignals(
  source: SignalSource,
  actions: { stop: (reason: string) => void; kill: () => void },
  now: () => number = () => performance.now(),
): Disposable & { stop(reason: string): void } {
  let stoppedAt: number | undefined;
  const stop = (reason: string) => {
    if (stoppedAt !== undefined) return;
    stoppedAt = now();
    actions.stop(reason);
  };
  const hear = (signal: NodeJS.Signals) => () => {
    const isRepeat = stoppedAt !== undefined && now() - stoppedAt > SAME_SIGNAL_MS;
    if (isRepeat && signal !== 'SIGHUP') actions.kill();
    else stop(signal);
  };
  const listeners = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map(
    (signal) => [signal, hear(signal)] as const,
  );
  for (const [signal, listener] of listeners) source.on(signal, listener);
  return {
    stop,
    [Symbol.dispose]() {
      for (const [signal, listener] of listeners) source.off(signal, listener);
    },
  };
}
