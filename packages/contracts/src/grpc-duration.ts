import type { Duration } from './gen/google/protobuf/duration.ts';

const NANOS_PER_MS = 1_000_000;
const NANOS_PER_SECOND = 1_000_000_000n;
/** The longest duration that protobuf allows: 10,000 years, in seconds. */
const SECONDS_MAX = 315_576_000_000n;

/** A duration in milliseconds, fractions included, as `google.protobuf.Duration`. */
export function durationFromMs(durationMs: number): Duration {
  const wholeMs = Math.trunc(durationMs);
  const fraction = Math.round((durationMs - wholeMs) * NANOS_PER_MS);
  const nanos = BigInt(wholeMs) * BigInt(NANOS_PER_MS) + BigInt(fraction);
  return { seconds: nanos / NANOS_PER_SECOND, nanos: Number(nanos % NANOS_PER_SECOND) };
}

/** A `google.protobuf.Duration` in milliseconds, fractions included. */
export function durationToMs(duration: Duration): number {
  return Number(duration.seconds) * 1000 + duration.nanos / NANOS_PER_MS;
}

/**
 * Whether a duration that came from a client keeps protobuf's rules: at most 10,000 years, less
 * than a second of nanoseconds, both parts of one sign.
 */
export function isValidDuration(duration: Duration): boolean {
  const { seconds, nanos } = duration;
  if (seconds > SECONDS_MAX || seconds < -SECONDS_MAX) return false;
  if (nanos > 999_999_999 || nanos < -999_999_999) return false;
  return !((seconds > 0n && nanos < 0) || (seconds < 0n && nanos > 0));
}
