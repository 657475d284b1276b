import { ENDPOINT_REQUESTS_AT_FIRST } from '@hookline/subscriptions';
import type { EndpointSignal } from './endpoint-signal.ts';

/** Failures in a row that open the breaker. */
export const FAILURES_TO_OPEN = 10;
/** How long an opened breaker lets nothing through: doubled at each failed probe, up to the most. */
export const OPEN_MS_MIN = 2_000;
export const OPEN_MS_MAX = 60_000;
/** A Retry-After holds the whole endpoint back for so long at most; its own delivery up to a day. */
export const HELD_MS_MAX = 60 * 60 * 1_000;
/** A rate lowered by throttling falls no further, in requests a second. */
export const RATE_MIN = 0.1;
/** A lowered rate above this is no limit any more, where the subscription has none of its own. */
const RATE_FORGOTTEN = 2_000;
/** How fast a lowered rate rises with success, a second. */
const RATE_RISE = 1.25;

export type Breaker = 'closed' | 'open' | 'half_open';

/** How one endpoint is treated by one dispatcher. Times in milliseconds of a clock that never goes back. */
export interface EndpointGuard {
  /** Requests at once, a real number of at least 1. */
  readonly limit: number;
  /** Grows by one with each success until the first sign of congestion, then by one in each round. */
  readonly rising: boolean;
  /** Requests begun before this have had their effect on limit and rate. */
  readonly loweredAt: number;
  /** In a row, of requests that ended. */
  readonly failures: number;
  /** How often in a row the breaker opened without the endpoint having recovered. */
  readonly trips: number;
  readonly breaker: Breaker;
  /** Nothing is sent until then, by breaker or Retry-After. */
  readonly heldUntil: number;
  /** Lowered by throttling, in requests a second. */
  readonly rate?: number;
  readonly rateRaisedAt: number;
}

export const initialGuard: EndpointGuard = {
  limit: ENDPOINT_REQUESTS_AT_FIRST,
  rising: true,
  loweredAt: Number.NEGATIVE_INFINITY,
  failures: 0,
  trips: 0,
  breaker: 'closed',
  heldUntil: Number.NEGATIVE_INFINITY,
  rateRaisedAt: Number.NEGATIVE_INFINITY,
};

/** What is to be known of an attempt that ended. */
export interface Observation {
  readonly signal: EndpointSignal;
  readonly startedAt: number;
  readonly now: number;
  /** Whether the endpoint had as many requests as it may: only then more may be good for it. */
  readonly atLimit: boolean;
  readonly limitMax: number;
  /** Of the receiver, if it sent one. */
  readonly retryAfterMs?: number;
  /** Requests a second that the endpoint got lately, at least what its limit of rate allows. */
  readonly ratePerSecond: number;
  /** In [0, 1), spreads the time that a breaker stays open by a fifth either way. */
  readonly random: number;
}

/**
 * The guard after an attempt. Additive increase and multiplicative decrease of the requests at once,
 * as TCP does with its window; a breaker that opens after ten failures in a row and lets one probe
 * through when its time is over; a rate that is halved by throttling and rises with success.
 */
export function afterAttempt(guard: EndpointGuard, seen: Observation): EndpointGuard {
  const { signal, startedAt, now } = seen;
  if (signal === 'well') return afterSuccess(guard, seen);
  // A failure of before the breaker opened tells nothing of what its probe is about to find out.
  const isStale = guard.breaker !== 'closed' && startedAt < guard.heldUntil;
  if (signal === 'nothing' || isStale) return guard;
  const isHalfOpen = guard.breaker === 'half_open';
  const failed = { ...guard, failures: guard.failures + 1 };
  switch (signal) {
    case 'failing':
      return tripped(failed, seen);
    case 'congested':
      return tripped(lowered(failed, seen), seen);
    case 'overloaded':
      return tripped(held(lowered(slowed(failed, seen), seen), seen), seen);
    case 'throttling': {
      const alive = isHalfOpen ? closed(guard, now) : guard;
      return held(lowered(slowed(alive, seen), seen), seen);
    }
  }
}

/** The guard as it is at this time: an open breaker whose time is over is half open. */
export function atTime(guard: EndpointGuard, now: number): EndpointGuard {
  if (guard.breaker !== 'open' || now < guard.heldUntil) return guard;
  return { ...guard, breaker: 'half_open' };
}

function afterSuccess(guard: EndpointGuard, seen: Observation): EndpointGuard {
  const isSteady =
    guard.breaker === 'closed' &&
    guard.failures === 0 &&
    guard.rate === undefined &&
    (!seen.atLimit || guard.limit >= seen.limitMax);
  // Nearly every call: no object is made.
  if (isSteady) return guard;
  if (guard.breaker !== 'closed') return closed(guard, seen.now);
  const step = guard.rising ? 1 : 1 / guard.limit;
  const limit = seen.atLimit ? Math.min(seen.limitMax, guard.limit + step) : guard.limit;
  const trips = limit >= ENDPOINT_REQUESTS_AT_FIRST ? 0 : guard.trips;
  return raised({ ...guard, failures: 0, limit, trips }, seen);
}

/** From one request at once on, so that what waits is drained at a rising pace. */
function closed(guard: EndpointGuard, now: number): EndpointGuard {
  return { ...guard, breaker: 'closed', failures: 0, limit: 1, rising: true, heldUntil: now };
}

/** Halved once for all requests that were under way together. */
function lowered(guard: EndpointGuard, { startedAt, now }: Observation): EndpointGuard {
  if (startedAt < guard.loweredAt) return guard;
  return { ...guard, limit: Math.max(1, guard.limit / 2), rising: false, loweredAt: now };
}

function slowed(guard: EndpointGuard, seen: Observation): EndpointGuard {
  if (seen.startedAt < guard.loweredAt) return guard;
  const rate = Math.max(RATE_MIN, (guard.rate ?? seen.ratePerSecond) / 2);
  return { ...guard, rate, rateRaisedAt: seen.now };
}

function raised(guard: EndpointGuard, { now }: Observation): EndpointGuard {
  if (guard.rate === undefined || now < guard.rateRaisedAt + 1_000) return guard;
  const { rate, ...rest } = guard;
  const next = rate * RATE_RISE;
  return next > RATE_FORGOTTEN ? rest : { ...rest, rate: next, rateRaisedAt: now };
}

/** Held by the receiver's own word. */
function held(guard: EndpointGuard, { now, retryAfterMs }: Observation): EndpointGuard {
  if (retryAfterMs === undefined) return guard;
  const until = now + Math.min(retryAfterMs, HELD_MS_MAX);
  return { ...guard, heldUntil: Math.max(guard.heldUntil, until) };
}

/** Opens the breaker when it is to be. */
function tripped(guard: EndpointGuard, { now, random }: Observation): EndpointGuard {
  const opens =
    guard.breaker === 'half_open' ||
    (guard.breaker === 'closed' && guard.failures >= FAILURES_TO_OPEN);
  if (!opens) return guard;
  const openMs = Math.min(OPEN_MS_MAX, OPEN_MS_MIN * 2 ** guard.trips) * (0.8 + 0.4 * random);
  return {
    ...guard,
    breaker: 'open',
    trips: Math.min(guard.trips + 1, 10),
    heldUntil: Math.max(guard.heldUntil, now + openMs),
  };
}
