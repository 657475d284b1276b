import { createHash } from 'node:crypto';
import { INGEST_MESSAGE_BYTES_MAX, newId } from '@hookline/contracts';
import type pg from 'pg';

/** A message that failed a check, as it came. */
export interface RejectedMessage {
  /** Names the message for ever: the same one rejected again makes no second row. */
  readonly dedupeKey: string;
  readonly tenant?: string;
  readonly host?: string;
  readonly channel: 'nats' | 'http' | 'grpc';
  readonly subject?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly code: string;
  readonly reason: string;
  /** What is kept of it. */
  readonly payload: Uint8Array;
  /** All that came, where secrets were taken out of the payload; size and SHA-256 are of this. */
  readonly received?: Uint8Array;
}

/** Keeps rejected messages: the first 256 KiB of each, with its size and SHA-256. */
export async function insertRejected(
  pool: pg.Pool,
  messages: readonly RejectedMessage[],
): Promise<void> {
  if (messages.length === 0) return;
  await pool.query({
    name: 'insert-rejected',
    text: `INSERT INTO hookline.rejected (rejected_id, dedupe_key, tenant, host, channel, subject,
        headers, code, reason, payload, payload_bytes, payload_sha256)
      SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
        $7::text[], $8::text[], $9::text[], $10::bytea[], $11::int[], $12::bytea[])
      ON CONFLICT (dedupe_key) DO NOTHING`,
    values: [
      messages.map(() => newId('rej')),
      messages.map((message) => message.dedupeKey),
      messages.map((message) => message.tenant ?? null),
      messages.map((message) => message.host ?? null),
      messages.map((message) => message.channel),
      messages.map((message) => storable(message.subject ?? null)),
      messages.map((message) => storable(JSON.stringify(message.headers))),
      messages.map((message) => message.code),
      messages.map((message) => storable(message.reason)),
      messages.map((message) => Buffer.from(message.payload.subarray(0, INGEST_MESSAGE_BYTES_MAX))),
      messages.map((message) => receivedOf(message).length),
      messages.map((message) => createHash('sha256').update(receivedOf(message)).digest()),
    ],
  });
}

function receivedOf({ received, payload }: RejectedMessage): Uint8Array {
  return received ?? payload;
}

/** Postgres takes no NUL in text; what is rejected must be kept whatever it holds. */
function storable<T extends string | null>(text: T): T | string {
  return text === null ? text : text.replaceAll('\u0000', '\ufffd');
}
