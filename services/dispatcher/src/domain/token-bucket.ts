/** Requests that may be begun. Times in milliseconds of a clock that never goes back. */
export interface TokenBucket {
  readonly tokens: number;
  readonly filledAt: number;
}

export interface BucketLimit {
  /** Tokens a second. */
  readonly rate: number;
  /** Tokens that gather in a quiet time. */
  readonly burst: number;
}

/** A tenth of a second's worth gathers at least: what is claimed from the schedule comes in spoonfuls. */
const BURST_SECONDS_MIN = 0.1;

/**
 * One dispatcher's part of a limit: with n living dispatchers, an n-th of the rate and of the burst,
 * at least one token.
 */
export function bucketLimit(
  limit: { readonly requestsPerSecond: number; readonly burst?: number },
  dispatchers: number,
): BucketLimit {
  const rate = limit.requestsPerSecond / dispatchers;
  const burst = (limit.burst ?? limit.requestsPerSecond) / dispatchers;
  return { rate, burst: Math.max(1, burst, rate * BURST_SECONDS_MIN) };
}

export function fullBucket({ burst }: BucketLimit, now: number): TokenBucket {
  return { tokens: burst, filledAt: now };
}

/** The bucket with what has come in since it was last looked at. */
export function filled(bucket: TokenBucket, limit: BucketLimit, now: number): TokenBucket {
  const gained = (Math.max(0, now - bucket.filledAt) / 1_000) * limit.rate;
  return { tokens: Math.min(limit.burst, bucket.tokens + gained), filledAt: now };
}

/** How long until there is a whole token, in milliseconds. */
export function untilToken({ tokens }: TokenBucket, { rate }: BucketLimit): number {
  return tokens >= 1 ? 0 : ((1 - tokens) / rate) * 1_000;
}
