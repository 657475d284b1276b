import type { DeadDelivery } from './disabling.ts';
import { causeCode } from './incident.ts';

/** Dead letters of one subscription with one cause: they belong to one incident. */
export interface DeadGroup {
  readonly cause: string;
  /** How the last attempts ended; undefined where no attempt was the reason. */
  readonly outcome: string | undefined;
  readonly letters: readonly DeadDelivery[];
  readonly firstAt: Date;
  readonly lastAt: Date;
}

const NO_OUTCOMES = new Set(['subscription_disabled', 'expired', 'skipped', 'unprocessable']);

/** Sorts dead letters by cause, in the order of causes, so that several monitors lock incidents in one order. */
export function groupByCause(
  dead: readonly DeadDelivery[],
  statusOf: (deliveryId: string) => number | undefined,
): DeadGroup[] {
  const groups = Map.groupBy(dead, ({ cause, deliveryId }) =>
    causeCode(cause, statusOf(deliveryId)),
  );
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([cause, letters]) => {
      const times = letters.map(({ diedAt }) => diedAt.getTime());
      const outcome = letters[0]?.cause ?? cause;
      return {
        cause,
        outcome: NO_OUTCOMES.has(outcome) ? undefined : outcome,
        letters,
        firstAt: new Date(Math.min(...times)),
        lastAt: new Date(Math.max(...times)),
      };
    });
}
