import { DomainError } from '@hookline/contracts';
import { createTokenBuckets, type Take } from '../token-buckets.ts';
import type { GrpcInterceptor } from './grpc-call.ts';

/**
 * The trailer that tells a client how it stands with its limit:
 * `<quota>;<window in s>;<remaining>;<s until all is there again>`. The console makes `RateLimit` and
 * `RateLimit-Policy` of it.
 */
export const RATE_LIMIT_TRAILER = 'hookline-rate-limit';

/** Keys that are counted at once; only valid ones get here, so nobody can push others out by guessing. */
const KEYS_MAX = 10_000;

export interface CallLimit {
  /** For keys whose tenant has no quota. Infinity: those are not limited. */
  readonly callsPerSecondMax: number;
}

/**
 * Limits the calls of each API key, a stream counting as the one call that opened it. What is over the
 * limit is RESOURCE_EXHAUSTED, with the time to wait; nothing is queued.
 */
export function limitCalls({ callsPerSecondMax }: CallLimit): GrpcInterceptor {
  const buckets = createTokenBuckets({ entriesMax: KEYS_MAX });
  return (next) => async (request, call) => {
    const { keyId, callsPerSecondMax: quota } = call.caller;
    const perSecond = quota ?? callsPerSecondMax;
    if (!Number.isFinite(perSecond)) return next(request, call);
    const take = buckets.take(keyId, perSecond);
    call.trailers.set(RATE_LIMIT_TRAILER, formatRateLimit(take, perSecond));
    if (take.taken) return next(request, call);
    throw new DomainError(
      'resource_exhausted',
      `over the limit of ${perSecond} requests a second of this API key; wait for ${Math.ceil(take.tokenInMs)} ms`,
      { retryAfterMs: Math.ceil(take.tokenInMs) },
    );
  };
}

/** A limit as the trailer has it; whole seconds, rounded up. */
export function formatRateLimit({ quota, remaining, fullInMs }: Take, perSecond: number): string {
  const window = Math.max(1, Math.ceil(quota / perSecond));
  return `${quota};${window};${remaining};${Math.ceil(fullInMs / 1000)}`;
}
