import { Attempt, subjects } from '@hookline/contracts';
import { toAttemptMessage } from '@hookline/event-log';
import { answerRequests, broadcast, type Nats } from '@hookline/messaging';
import type { DecidedAttempt } from './domain/dispatch-record.ts';
import { toAttemptRow } from './postgres/attempt-row.ts';

/** How long a tenant's attempts are broadcast after a tail said that it listens. */
export const TAIL_HEARD_FOR_MS = 30_000;

export interface LiveAttempts {
  /** Broadcasts an attempt that is on record, if anybody tails its tenant. */
  tell(attempt: DecidedAttempt): void;
  stop(): void;
}

/**
 * Broadcasts attempts for tails on `attempts.<tenant>.<subscription id>`, as protobuf. Tails say every
 * few seconds that they are there; while none is, an attempt costs one look into an empty map.
 */
export function createLiveAttempts(
  nats: Nats,
  { dispatcherId, now = Date.now }: { readonly dispatcherId: string; readonly now?: () => number },
): LiveAttempts {
  const tailedUntil = new Map<string, number>();
  const answering = answerRequests(nats, { subject: subjects.tails }, (tenant) => {
    tailedUntil.set(tenant, now() + TAIL_HEARD_FOR_MS);
    return Promise.resolve(dispatcherId);
  });
  return {
    tell(decided) {
      if (tailedUntil.size === 0) return;
      const { tenant } = decided.attempt.delivery.entry.event;
      const until = tailedUntil.get(tenant);
      if (until === undefined) return;
      if (until < now()) {
        tailedUntil.delete(tenant);
        return;
      }
      const message = toAttemptMessage(toAttemptRow(decided, dispatcherId));
      const subject = subjects.attempts(tenant, message.subscriptionId);
      broadcast(nats, subject, Attempt.encode(message).finish());
    },
    stop: () => answering.stop(),
  };
}
