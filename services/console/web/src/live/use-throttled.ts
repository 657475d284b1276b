import { useCallback, useEffect, useRef } from 'react';

const EVERY_MS = 1_500;

/** Calls `work` soon after it was asked to, and once for all that asked meanwhile. */
export function useThrottled(work: () => void): () => void {
  const timer = useRef<number>(undefined);
  const latest = useRef(work);
  useEffect(() => {
    latest.current = work;
  });
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return useCallback(() => {
    timer.current ??= window.setTimeout(() => {
      timer.current = undefined;
      latest.current();
    }, EVERY_MS);
  }, []);
}
