import { newId } from '@hookline/contracts';
import type { Attempted } from './attempt.ts';
import { attemptUrl } from './attempt-url.ts';
import { deliveryTrace } from './delivery-trace.ts';
import type { Delivery } from './domain/delivery.ts';

/**
 * What goes on record for a request that a dispatcher may have sent before it died (P3). It does not
 * count for the retry policy, and the next attempt has a number of its own.
 */
export function unknownAttempt(
  delivery: Delivery,
  { startedAt, now }: { readonly startedAt: Date; readonly now: () => number },
): Attempted {
  const after: Delivery = {
    ...delivery,
    attemptNumber: delivery.attemptNumber + 1,
    firstAttemptAt: delivery.firstAttemptAt ?? startedAt,
  };
  return {
    delivery: after,
    decision: { kind: 'retry', dueAt: new Date(now()) },
    attempt: {
      attemptId: newId('att'),
      delivery: after,
      number: after.attemptNumber,
      startedAt,
      result: {
        outcome: 'unknown',
        error: 'the dispatcher ended while this request may have been under way',
        durationMs: 0,
      },
      traceId: deliveryTrace(delivery).traceId,
      url: attemptUrl(delivery.subscription),
    },
  };
}
