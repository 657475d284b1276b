import type { HooklineSchema } from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';
import type { Cursor } from './cursor.ts';

/** A rejected message as its table has it, its payload empty where it was not asked for. */
export interface RejectedRow {
  readonly rejected_id: string;
  readonly host: string | null;
  readonly channel: string;
  readonly subject: string | null;
  readonly headers: string;
  readonly code: string;
  readonly reason: string;
  readonly payload: Buffer;
  readonly payload_bytes: number;
  readonly payload_sha256: Buffer;
  readonly received_at: Date;
  /** As Postgres writes it, for page tokens. */
  readonly received_at_text: string;
  readonly resolved_at: Date | null;
  /** What it became when it was put in again. */
  readonly event_id: string | null;
}

export interface RejectedQuery {
  readonly tenant: string;
  readonly ids: readonly string[];
  readonly codes: readonly string[];
  readonly host: string;
  readonly open: boolean;
  readonly resubmitted: boolean;
  readonly startTime: Date | undefined;
  readonly endTime: Date | undefined;
  readonly omitPayload: boolean;
  readonly after: Cursor | undefined;
  readonly limit: number;
}

/**
 * One page of a tenant's rejected messages, the newest first. A page also ends before its payloads
 * exceed `payloadBytesMax`; the first row is always there.
 */
export async function listRejectedRows(
  db: Kysely<HooklineSchema>,
  query: RejectedQuery,
  payloadBytesMax: number,
): Promise<{ readonly rows: RejectedRow[]; readonly more: boolean }> {
  const conditions = [sql`tenant = ${query.tenant}`];
  if (query.ids.length > 0) conditions.push(sql`rejected_id = ANY(${[...query.ids]}::text[])`);
  if (query.codes.length > 0) conditions.push(sql`code = ANY(${[...query.codes]}::text[])`);
  if (query.host !== '') conditions.push(sql`host = ${query.host}`);
  if (!query.resubmitted) conditions.push(sql`resolved_at IS NULL`);
  if (!query.open) conditions.push(sql`resolved_at IS NOT NULL`);
  if (query.startTime !== undefined) conditions.push(sql`received_at >= ${query.startTime}`);
  if (query.endTime !== undefined) conditions.push(sql`received_at < ${query.endTime}`);
  if (query.after !== undefined) {
    const { time, id } = query.after;
    conditions.push(sql`(received_at, rejected_id) < (${time}::timestamptz, ${id})`);
  }
  const payload = query.omitPayload ? sql`''::bytea` : sql`payload`;
  // The running sum is over the page's candidates alone, and the payloads of those beyond it are
  // not read.
  const { rows } = await sql<RejectedRow>`
    WITH candidate AS MATERIALIZED (
      SELECT rejected_id, received_at,
        sum(least(payload_bytes, 262144)) OVER (ORDER BY received_at DESC, rejected_id DESC) AS bytes
      FROM hookline.rejected WHERE ${sql.join(conditions, sql` AND `)}
      ORDER BY received_at DESC, rejected_id DESC LIMIT ${query.limit + 1})
    SELECT r.rejected_id, host, channel, subject, headers, code, reason, ${payload} AS payload,
      payload_bytes, payload_sha256, r.received_at, r.received_at::text AS received_at_text, resolved_at, event_id
    FROM candidate c JOIN hookline.rejected r USING (rejected_id)
    WHERE ${query.omitPayload} OR c.bytes <= ${payloadBytesMax}
      OR c.rejected_id = (SELECT rejected_id FROM candidate ORDER BY received_at DESC, rejected_id DESC LIMIT 1)
    ORDER BY r.received_at DESC, r.rejected_id DESC`.execute(db);
  const { rows: counted } = await sql<{ count: bigint }>`
    SELECT count(*) AS count FROM (SELECT FROM hookline.rejected
      WHERE ${sql.join(conditions, sql` AND `)} LIMIT ${query.limit + 1}) AS page`.execute(db);
  const page = rows.slice(0, query.limit);
  return { rows: page, more: Number(counted[0]?.count ?? 0n) > page.length };
}
