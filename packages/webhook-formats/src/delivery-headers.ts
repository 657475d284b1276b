import { type AcceptedEvent, formatSequence } from '@hookline/contracts';
import { signStandardWebhook } from '@hookline/webhook-signature';

/** One attempt of a delivery to a receiver that is a program. */
export interface DeliveryAttempt {
  /** `dlv_…`, the `webhook-id`. */
  readonly deliveryId: string;
  readonly subscriptionId: string;
  readonly event: AcceptedEvent;
  /** Exactly what is sent. */
  readonly body: string;
  /** The number of this attempt, from 1. */
  readonly number: number;
  readonly nowMs: number;
  /** undefined: the receiver is not told of the trace. */
  readonly traceparent: string | undefined;
  /** Newest first. */
  readonly secrets: readonly string[];
  /** Private ed25519 keys, likewise. */
  readonly signingKeys?: readonly string[];
}

/**
 * The headers by which a receiver of one's own knows, verifies and traces a delivery, with Standard
 * Webhooks' signature over exactly this body at this moment. A chat service has no use for them: to it
 * they would be no more than ids and positions of ours, told to a stranger.
 */
export function deliveryHeaders(attempt: DeliveryAttempt): Record<string, string> {
  const { deliveryId, event, body, nowMs, secrets, signingKeys = [] } = attempt;
  const timestampSeconds = Math.floor(nowMs / 1000);
  return {
    'webhook-id': deliveryId,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signStandardWebhook({
      id: deliveryId,
      timestampSeconds,
      body,
      secrets,
      signingKeys,
    }),
    ...(attempt.traceparent !== undefined && { traceparent: attempt.traceparent }),
    'hookline-event-id': event.id,
    'hookline-subscription-id': attempt.subscriptionId,
    'hookline-sequence': formatSequence(event.sequence),
    'hookline-attempt': String(attempt.number),
  };
}
