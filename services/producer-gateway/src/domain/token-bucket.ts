/** Allows so many a second on average, and a burst. Times in milliseconds, by any one clock. */
export interface TokenBucket {
  /** Tokens there are; below zero after more was taken than there was. */
  available(nowMs: number): number;
  take(count: number, nowMs: number): void;
  /** How long until `count` may be taken; 0 when they may be now. More than the burst is never needed. */
  waitMs(count: number, nowMs: number): number;
  /** The most that may be taken at once. */
  readonly burst: number;
  readonly perSecond: number;
}

/** How long a bucket can save up. */
const BURST_SECONDS = 2;

/** A bucket, full at first. Its burst is what comes in two seconds, at least 1. */
export function createTokenBucket(perSecond: number, nowMs: number): TokenBucket {
  const burst = Math.max(1, perSecond * BURST_SECONDS);
  let tokens = burst;
  let filledAt = nowMs;

  const available = (now: number): number => {
    const elapsedMs = Math.max(0, now - filledAt);
    tokens = Math.min(burst, tokens + (elapsedMs * perSecond) / 1000);
    filledAt = Math.max(filledAt, now);
    return tokens;
  };

  return {
    burst,
    perSecond,
    available,
    take(count, now) {
      available(now);
      tokens -= count;
    },
    waitMs(count, now) {
      const missing = Math.min(count, burst) - available(now);
      return missing <= 0 ? 0 : Math.ceil((missing * 1000) / perSecond);
    },
  };
}
