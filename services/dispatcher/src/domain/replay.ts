/** How far a replay is. */
export type ReplayState = 'queued' | 'running' | 'completed' | 'cancelled' | 'failed';

/** Deliveries of one step at most: what one commit puts into the schedule. */
export const STEP_MAX = 200;
/** Of a replay, in the schedule and never tried: fresh events of an endpoint wait behind no more than that. */
export const UNTRIED_MAX = 256;
/** A subscription with so much waiting, retries and held ones included, is given no more for now. */
export const BACKLOG_MAX = 10_000;
/** How long a replay that may not hand anything over waits before it looks again. */
export const LOOK_AGAIN_MS = 250;
/** A paced replay takes so many steps a second, if its pace allows one delivery in each. */
const STEPS_PER_SECOND = 4;

/** What is on its way already. */
export interface Underway {
  /** Rows of this replay in the schedule that were not tried yet and are due. */
  readonly untried: number;
  /** Everything that waits for the subscription. */
  readonly backlog: number;
}

/** How many deliveries the next step may hand over; 0 or less: none for now. */
export function stepSize(
  { untried, backlog }: Underway,
  deliveriesPerSecond: number | undefined,
): number {
  const paced =
    deliveriesPerSecond === undefined
      ? STEP_MAX
      : Math.max(1, Math.floor(deliveriesPerSecond / STEPS_PER_SECOND));
  return Math.min(STEP_MAX, paced, UNTRIED_MAX - untried, BACKLOG_MAX - backlog);
}

/** How long after a step that handed over so many the next one comes, so that the pace is kept. */
export function nextStepAfterMs(enqueued: number, deliveriesPerSecond: number | undefined): number {
  return deliveriesPerSecond === undefined ? 0 : (enqueued / deliveriesPerSecond) * 1_000;
}
