/** Runs calls, at most `max` at once, the others in the order in which they came. */
export function limitConcurrency(max: number): <T>(call: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async (call) => {
    if (running < max) running += 1;
    // The turn is handed over with its place in the count.
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await call();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

/**
 * Shares one run of a task among all who ask for it before it begins; who asks later gets a run that
 * begins later, so that its answer is never older than the question.
 */
export function shareRuns<T>(task: () => Promise<T>): () => Promise<T> {
  let current: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;

  return () => {
    next ??= current.then(() => {
      const run = task();
      next = undefined;
      current = run.catch(() => {});
      return run;
    });
    return next;
  };
}
