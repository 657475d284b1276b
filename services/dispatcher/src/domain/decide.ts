import type { ResolvedRetryPolicy } from '@hookline/subscriptions';
import type { AttemptResult, Decision } from './delivery.ts';

export interface DecisionInput {
  readonly policy: ResolvedRetryPolicy;
  readonly result: AttemptResult;
  /** Attempts that counted for the policy before this one. */
  readonly attemptsBefore: number;
  /** When this attempt ended; delays count from here. */
  readonly endedAt: Date;
  /** In [0, 1), spreads the delay within the policy's jitter. */
  readonly random: number;
}

/**
 * What follows from an attempt, by the subscription's retry policy. 410 ends a delivery at once; a
 * Retry-After pushes the next attempt later, never earlier. An attempt of unknown outcome is not
 * the receiver's failure: it is repeated at once and does not count.
 */
export function decide(input: DecisionInput): Decision {
  const { policy, result, attemptsBefore, endedAt } = input;
  if (result.outcome === 'succeeded') return { kind: 'succeeded' };
  if (result.outcome === 'unknown') return { kind: 'retry', dueAt: endedAt };
  if (result.outcome === 'gone') return { kind: 'dead', cause: 'gone' };
  const attempts = attemptsBefore + 1;
  const delayMs = policy.delaysMs[attempts - 1];
  if (delayMs === undefined || attempts >= policy.attemptsMax) {
    return { kind: 'dead', cause: result.outcome };
  }
  const spread = 1 + policy.jitter * (2 * input.random - 1);
  const waitMs = Math.max(delayMs * spread, result.retryAfterMs ?? 0);
  return { kind: 'retry', dueAt: new Date(endedAt.getTime() + Math.round(waitMs)) };
}

/** Whether an attempt uses up one of the policy's. */
export function counts(result: AttemptResult): boolean {
  return result.outcome !== 'unknown';
}
