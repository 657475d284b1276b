/** The attempts looked at of one stretch of time. */
export interface Sample {
  readonly attempts: number;
  readonly succeeded: number;
  /** Unix milliseconds of the oldest of them. */
  readonly oldestMs: number;
}

/** The stretch that a sample is of. */
export interface StretchTime {
  readonly startMs: number;
  /** Its end, or now if it goes on. */
  readonly endMs: number;
}

export interface StretchCounts {
  readonly attempts: number;
  readonly succeeded: number;
  readonly isEstimate: boolean;
}

/**
 * What a whole stretch had. Where there were as many attempts as are looked at, there may be more:
 * they are taken to have come at the rate of the newest ones, and to have ended like them.
 */
export function countsOf(
  sample: Sample,
  { startMs, endMs }: StretchTime,
  sampleMax: number,
): StretchCounts {
  const { attempts, succeeded, oldestMs } = sample;
  if (attempts < sampleMax) return { attempts, succeeded, isEstimate: false };
  const factor = Math.max(1, (endMs - startMs) / Math.max(1, endMs - oldestMs));
  return {
    attempts: Math.round(attempts * factor),
    succeeded: Math.round(succeeded * factor),
    isEstimate: true,
  };
}

/** How many events a window had when only those since `countedSinceMs` were counted. */
export function eventsOf(
  counted: number,
  window: StretchTime,
  countedSinceMs: number | undefined,
): number {
  if (countedSinceMs === undefined) return counted;
  const { startMs, endMs } = window;
  return Math.round(counted * Math.max(1, (endMs - startMs) / Math.max(1, endMs - countedSinceMs)));
}
