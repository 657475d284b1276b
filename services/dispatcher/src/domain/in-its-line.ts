import { blocksWhenExhausted, type SubscriptionSettings } from '@hookline/subscriptions';
import type { Decision } from './delivery.ts';

/**
 * What follows for a delivery at the head of a line: where the subscription asks for it, one that has
 * used up its attempts is not given up but blocks its line, so that nothing overtakes it.
 *
 * An event past the retention time cannot be sent any more, and an endpoint that is gone wants
 * nothing at all; both are given up whatever the option says.
 */
export function inItsLine(
  {
    ordered,
    subscription,
  }: {
    readonly ordered?: boolean;
    readonly subscription: Pick<SubscriptionSettings, 'options' | 'ordering'>;
  },
  decision: Decision,
): Decision {
  if (ordered !== true || decision.kind !== 'dead') return decision;
  const { cause } = decision;
  if (cause === 'expired' || cause === 'gone') return decision;
  return blocksWhenExhausted(subscription) ? { kind: 'blocked', cause } : decision;
}
