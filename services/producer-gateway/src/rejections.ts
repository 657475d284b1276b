import { subjects } from '@hookline/contracts';
import { insertRejected, type RejectedMessage } from '@hookline/event-log';
import { type Nats, publishWakeUp, type ReceivedMessage } from '@hookline/messaging';
import type pg from 'pg';

/** Keeps messages that failed a check. Throws what Postgres throws; a repeat makes no second row. */
export type KeepRejected = (messages: readonly RejectedMessage[]) => Promise<void>;

/** Keeps rejected messages in Postgres and wakes who looks after them. */
export function createRejections(pool: pg.Pool, nats: Nats): KeepRejected {
  return async (messages) => {
    if (messages.length === 0) return;
    await insertRejected(pool, messages);
    publishWakeUp(nats, subjects.rejected);
  };
}

/** Names a message of INGEST for ever. */
export function messageKey({ streamCreatedAt, streamSequence }: ReceivedMessage): string {
  return `nats:${streamCreatedAt.getTime()}:${streamSequence}`;
}

/** A message of INGEST as it is kept when it is rejected. */
export function toRejected(
  message: ReceivedMessage,
  fault: {
    readonly code: string;
    readonly reason: string;
    readonly tenant: string | undefined;
    readonly host: string | undefined;
  },
): RejectedMessage {
  const { code, reason, tenant, host } = fault;
  return {
    dedupeKey: messageKey(message),
    ...(tenant !== undefined && { tenant }),
    ...(host !== undefined && { host }),
    channel: 'nats',
    subject: message.subject,
    headers: Object.fromEntries(
      [...(message.headers ?? [])].map(([name, values]) => [name, values[0] ?? '']),
    ),
    code,
    reason,
    payload: message.data,
  };
}
