import type { DisablingCause, WatchedSubscription } from './disabling.ts';

const FIRST_MS = 60_000;

/**
 * How long after failures disabled it the endpoint of a subscription is asked whether it takes
 * deliveries again; undefined when nobody asked for that. One that said that it is gone is not asked.
 */
export function firstProbeMs(
  { isProbed }: Pick<WatchedSubscription, 'isProbed'>,
  cause: DisablingCause,
): number | undefined {
  return isProbed && cause !== 'gone' ? FIRST_MS : undefined;
}
