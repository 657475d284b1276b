import type { FieldViolation } from '@hookline/contracts';

export const retryPresets = ['standard', 'cdhosting', 'none'] as const;
export type RetryPreset = (typeof retryPresets)[number];

/** How failed attempts are repeated, as the subscriber gave it. */
export interface RetryPolicy {
  /** Not together with `delaysMs`; without both, or with no delay in them, it is `standard`. */
  readonly preset?: RetryPreset;
  /** Waits before the second attempt, the third and so on, each from the end of the failed one. */
  readonly delaysMs?: readonly number[];
  /** By how much a wait is varied either way, 0 to 1. Default 0.2 for `standard`, else 0. */
  readonly jitter?: number;
  /** Most attempts, the first included. Default: as many as the schedule has, and one. */
  readonly attemptsMax?: number;
  /** Whether failures may disable the subscription. Default: as the preset does; not with own delays. */
  readonly disable?: boolean;
}

/** A retry policy with every default filled in. */
export interface ResolvedRetryPolicy {
  /** Absent for a schedule of one's own. */
  readonly preset?: RetryPreset;
  /** The wait after attempt n is `delaysMs[n - 1]`, without jitter; there are `attemptsMax - 1`. */
  readonly delaysMs: readonly number[];
  readonly jitter: number;
  readonly attemptsMax: number;
  readonly disable: boolean;
}

export const RETRY_DELAYS_MAX = 30;
export const RETRY_DELAY_MS_MIN = 100;
export const RETRY_DELAY_MS_MAX = 7 * 24 * 60 * 60_000;
export const ATTEMPTS_MAX = RETRY_DELAYS_MAX + 1;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

interface Preset {
  /** All waits the preset knows; beyond them the last is repeated. */
  readonly delaysMs: readonly number[];
  /** Attempts unless `attemptsMax` says otherwise. */
  readonly attempts: number;
  readonly jitter: number;
  readonly disable: boolean;
}

const presets: Readonly<Record<RetryPreset, Preset>> = {
  standard: {
    // Standard Webhooks' schedule: each wait is counted from the end of the attempt before it.
    delaysMs: [
      5 * SECOND,
      5 * MINUTE,
      30 * MINUTE,
      2 * HOUR,
      5 * HOUR,
      10 * HOUR,
      14 * HOUR,
      20 * HOUR,
      24 * HOUR,
    ],
    attempts: 10,
    jitter: 0.2,
    disable: true,
  },
  cdhosting: {
    // The fifth wait is used only with attemptsMax 6.
    delaysMs: [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 24 * HOUR],
    attempts: 5,
    jitter: 0,
    disable: true,
  },
  none: { delaysMs: [], attempts: 1, jitter: 0, disable: false },
};

/**
 * Fills in a policy that passed checkRetryPolicy. `attemptsMax` cuts the schedule short, or beyond
 * its end repeats the last wait.
 */
export function resolveRetryPolicy(policy: RetryPolicy): ResolvedRetryPolicy {
  const own = policy.preset === undefined ? (policy.delaysMs ?? []) : [];
  const name = own.length === 0 ? (policy.preset ?? 'standard') : undefined;
  const base: Preset =
    name === undefined
      ? { delaysMs: own, attempts: own.length + 1, jitter: 0, disable: false }
      : presets[name];
  const last = base.delaysMs.at(-1);
  const attemptsMax = last === undefined ? 1 : (policy.attemptsMax ?? base.attempts);
  return {
    ...(name !== undefined && { preset: name }),
    delaysMs: Array.from(
      { length: attemptsMax - 1 },
      (_, index) => base.delaysMs[index] ?? (last as number),
    ),
    jitter: policy.jitter ?? base.jitter,
    attemptsMax,
    disable: policy.disable ?? base.disable,
  };
}

/** All faults of a policy, with fields under `retry_policy`; empty when it is sound. */
export function checkRetryPolicy(policy: RetryPolicy): FieldViolation[] {
  return [...checkSchedule(policy), ...checkJitter(policy.jitter), ...checkAttempts(policy)];
}

function checkSchedule({ preset, delaysMs = [] }: RetryPolicy): FieldViolation[] {
  const faults: FieldViolation[] = [];
  if (preset !== undefined && !retryPresets.includes(preset)) {
    const detail = `"${preset}" is no preset; use ${retryPresets.join(', ')}, or give delays instead`;
    faults.push({ field: 'retry_policy.preset', detail });
  }
  if (preset !== undefined && delaysMs.length > 0) {
    const detail = `a preset has its own delays; leave out either the preset "${preset}" or the delays`;
    faults.push({ field: 'retry_policy', detail });
  }
  if (delaysMs.length > RETRY_DELAYS_MAX) {
    const detail = `there are ${delaysMs.length} delays; at most ${RETRY_DELAYS_MAX} are taken`;
    faults.push({ field: 'retry_policy.delays', detail });
  }
  for (const [index, delayMs] of delaysMs.entries()) {
    if (delayMs >= RETRY_DELAY_MS_MIN && delayMs <= RETRY_DELAY_MS_MAX) continue;
    const detail = `the delay is ${delayMs} ms; each must be 100 ms to 7 days (604800 s)`;
    faults.push({ field: `retry_policy.delays[${index}]`, detail });
  }
  return faults;
}

function checkJitter(jitter: number | undefined): FieldViolation[] {
  if (jitter === undefined || (jitter >= 0 && jitter <= 1)) return [];
  const detail = `the jitter is ${jitter}; it must be 0 to 1, for instance 0.2 for 20 % either way`;
  return [{ field: 'retry_policy.jitter', detail }];
}

function checkAttempts({ preset, attemptsMax }: RetryPolicy): FieldViolation[] {
  const field = 'retry_policy.attempts_max';
  if (attemptsMax === undefined) return [];
  if (!Number.isInteger(attemptsMax) || attemptsMax < 1 || attemptsMax > ATTEMPTS_MAX) {
    const detail = `attempts_max is ${attemptsMax}; it counts the first attempt too and must be 1 to ${ATTEMPTS_MAX}`;
    return [{ field, detail }];
  }
  if (preset === 'none' && attemptsMax > 1) {
    const detail = `attempts_max is ${attemptsMax}, but the preset none makes one attempt; give delays or another preset`;
    return [{ field, detail }];
  }
  return [];
}
