import type { AcceptedEvent } from '@hookline/contracts';
import type { AttemptRecord, Decision, Delivery } from './delivery.ts';

/** An attempt with what followed from it. */
export interface DecidedAttempt {
  readonly attempt: AttemptRecord;
  readonly decision: Decision;
}

/** A delivery that goes to the schedule when its event is settled. */
export interface Waiting {
  readonly delivery: Delivery;
  readonly dueAt: Date;
  /** Its first attempt is still running: the row is this dispatcher's claim. */
  readonly claimed: boolean;
  /** It takes its place in its line, and is due when nothing comes before it. */
  readonly ordered?: boolean;
}

/** The first attempts of one event are done, or on their way as claimed rows. */
export interface Settlement {
  readonly kind: 'settlement';
  readonly event: AcceptedEvent;
  readonly attempts: readonly DecidedAttempt[];
  readonly waiting: readonly Waiting[];
}

/** What becomes of a claimed row of the schedule. */
export interface Completion {
  readonly kind: 'completion';
  readonly delivery: Delivery;
  readonly claim: bigint;
  /** Absent when the claim is given back untried, or the delivery ends without an attempt. */
  readonly attempt?: AttemptRecord;
  readonly next: Decision | { readonly kind: 'cancelled' };
}

export type DispatchRecord = Settlement | Completion;
