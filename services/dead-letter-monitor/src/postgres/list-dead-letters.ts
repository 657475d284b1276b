import {
  type AttemptRow,
  type DeadLetterQuery,
  deadLetterCondition,
  type HooklineSchema,
} from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';
import type { DeadLetterRow } from '../grpc/dead-letter-message.ts';
import type { Cursor } from './cursor.ts';

const COLUMNS = sql`d.delivery_id, d.subscription_id, d.tenant, d.event_id, d.event_type,
  d.event_recorded_at, d.line, d.attempts_count, d.cause, d.died_at, d.died_at::text AS died_at_text, d.state,
  d.incident_id, d.replay_id, d.discard_reason, d.changed_at`;

/** One page of a tenant's dead letters, the newest first. */
export async function listDeadLetterRows(
  db: Kysely<HooklineSchema>,
  list: {
    readonly query: DeadLetterQuery;
    readonly after: Cursor | undefined;
    readonly limit: number;
  },
): Promise<DeadLetterRow[]> {
  const { query, after, limit } = list;
  const page =
    after === undefined
      ? sql`true`
      : sql`(d.died_at, d.delivery_id) < (${after.time}::timestamptz, ${after.id})`;
  const { rows } = await sql<DeadLetterRow>`
    SELECT ${COLUMNS} FROM hookline.dead_letter d
    WHERE ${deadLetterCondition(query)} AND ${page}
    ORDER BY d.died_at DESC, d.delivery_id DESC LIMIT ${limit}`.execute(db);
  return rows;
}

export async function findDeadLetterRow(
  db: Kysely<HooklineSchema>,
  query: { readonly tenant: string; readonly deliveryId: string },
): Promise<DeadLetterRow | undefined> {
  const { rows } = await sql<DeadLetterRow>`
    SELECT ${COLUMNS} FROM hookline.dead_letter d
    WHERE d.tenant = ${query.tenant} AND d.delivery_id = ${query.deliveryId}`.execute(db);
  return rows[0];
}

/**
 * The last attempt of each of these deliveries, by delivery. None is older than its event, which keeps
 * the look-up to the partitions from that day on.
 */
export async function lastAttemptsOf(
  db: Kysely<HooklineSchema>,
  tenant: string,
  letters: readonly { readonly delivery_id: string; readonly event_recorded_at: Date }[],
): Promise<Map<string, AttemptRow>> {
  if (letters.length === 0) return new Map();
  const { rows } = await sql<AttemptRow>`
    SELECT last.* FROM unnest(${letters.map((letter) => letter.delivery_id)}::text[],
      ${letters.map((letter) => letter.event_recorded_at)}::timestamptz[]) AS wanted (delivery_id, since)
    CROSS JOIN LATERAL (SELECT * FROM hookline.attempt_log a
      WHERE a.tenant = ${tenant} AND a.delivery_id = wanted.delivery_id AND a.recorded_at >= wanted.since
      ORDER BY a.number DESC, a.started_at DESC LIMIT 1) AS last`.execute(db);
  return new Map(rows.map((row) => [row.delivery_id, row]));
}
