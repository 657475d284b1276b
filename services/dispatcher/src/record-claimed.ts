import type { AttemptDeps, Attempted } from './attempt.ts';
import type { Decision, Delivery } from './domain/delivery.ts';
import { inItsLine } from './domain/in-its-line.ts';
import type { Recorder } from './recorder.ts';

export interface Claimed {
  /** As it stood when it was claimed. */
  readonly delivery: Delivery;
  readonly claim: bigint;
  /** undefined when nothing was sent: the claim is given back. */
  readonly attempted: Attempted | undefined;
}

/** Puts on record what became of a claimed delivery, and answers what follows. */
export async function recordClaimed(
  deps: { readonly recorder: Recorder; readonly attempt: Pick<AttemptDeps, 'now'> },
  { delivery, claim, attempted }: Claimed,
): Promise<Decision> {
  if (attempted === undefined) {
    const next = { kind: 'retry', dueAt: new Date(deps.attempt.now()) } as const;
    await deps.recorder.record({ kind: 'completion', delivery, claim, next });
    return next;
  }
  const { attempt, delivery: after } = attempted;
  const decision = inItsLine(delivery, attempted.decision);
  await deps.recorder.record({
    kind: 'completion',
    delivery: after,
    claim,
    attempt,
    next: decision,
  });
  return decision;
}
