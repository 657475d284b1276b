export interface TokenBucketsOptions {
  /** How many buckets are kept; the one unused for longest goes first, and is full when it comes again. */
  readonly entriesMax: number;
  /** Milliseconds since some start, never going back; for tests. */
  readonly now?: () => number;
}

/** What became of an attempt to take a token. */
export interface Take {
  readonly taken: boolean;
  /** Tokens that a full bucket holds. */
  readonly quota: number;
  /** Whole tokens left. */
  readonly remaining: number;
  /** Until the bucket is full again. */
  readonly fullInMs: number;
  /** Until there is a whole token; 0 when there is one. */
  readonly tokenInMs: number;
}

export interface TokenBuckets {
  /** Takes a token of a bucket that fills with so many a second. */
  take(key: string, perSecond: number): Take;
  /** What `take` would answer, without taking. */
  look(key: string, perSecond: number): Take;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** A second's worth, and at least two: a request that reads before it writes is two calls. */
function quotaOf(perSecond: number): number {
  return Math.max(2, Math.ceil(perSecond));
}

/**
 * Token buckets by key, in bounded memory. A bucket holds what its rate gives in a second, so a quiet
 * time allows no larger burst than that.
 */
export function createTokenBuckets(options: TokenBucketsOptions): TokenBuckets {
  const { entriesMax, now = () => performance.now() } = options;
  // The order of the map is the order of use.
  const buckets = new Map<string, Bucket>();

  const fill = (key: string, perSecond: number): Bucket => {
    const quota = quotaOf(perSecond);
    const time = now();
    const bucket = buckets.get(key) ?? { tokens: quota, at: time };
    const filled = bucket.tokens + ((time - bucket.at) / 1000) * perSecond;
    bucket.tokens = Math.min(quota, filled);
    bucket.at = time;
    return bucket;
  };
  const keep = (key: string, bucket: Bucket): void => {
    buckets.delete(key);
    buckets.set(key, bucket);
    const oldest = buckets.keys().next();
    if (buckets.size > entriesMax && !oldest.done) buckets.delete(oldest.value);
  };
  const tell = ({ tokens }: Bucket, perSecond: number, taken: boolean): Take => {
    const quota = quotaOf(perSecond);
    const remaining = Math.floor(tokens);
    return {
      taken,
      quota,
      remaining,
      fullInMs: ((quota - tokens) / perSecond) * 1000,
      tokenInMs: remaining >= 1 ? 0 : ((1 - tokens) / perSecond) * 1000,
    };
  };

  return {
    take(key, perSecond) {
      const bucket = fill(key, perSecond);
      const taken = bucket.tokens >= 1;
      if (taken) bucket.tokens -= 1;
      keep(key, bucket);
      return tell(bucket, perSecond, taken);
    },
    look(key, perSecond) {
      const bucket = fill(key, perSecond);
      return tell(bucket, perSecond, bucket.tokens >= 1);
    },
  };
}
