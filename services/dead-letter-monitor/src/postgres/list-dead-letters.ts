import type { AttemptRow, HooklineSchema } from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';
import type { DeadLetterRow } from '../grpc/dead-letter-message.ts';
import type { Cursor } from './cursor.ts';

/** Which dead letters to list; an empty list stands for all. */
export interface DeadLetterQuery {
  readonly tenant: string;
  readonly states: readonly string[];
  readonly subscriptionIds: readonly string[];
  readonly lines: readonly string[];
  readonly causes: readonly string[];
  /** Patterns turned into anchored regular expressions. */
  readonly typeExpressions: readonly string[];
  readonly startTime: Date | undefined;
  readonly endTime: Date | undefined;
  readonly after: Cursor | undefined;
  readonly limit: number;
}

/** One page of a tenant's dead letters, the newest first. */
export async function listDeadLetterRows(
  db: Kysely<HooklineSchema>,
  query: DeadLetterQuery,
): Promise<DeadLetterRow[]> {
  const conditions = [
    sql`tenant = ${query.tenant}`,
    sql`state = ANY(${[...query.states]}::text[])`,
  ];
  const anyOf = (column: string, values: readonly string[]) => {
    if (values.length > 0) conditions.push(sql`${sql.ref(column)} = ANY(${[...values]}::text[])`);
  };
  anyOf('subscription_id', query.subscriptionIds);
  anyOf('line', query.lines);
  anyOf('cause', query.causes);
  if (query.typeExpressions.length > 0) {
    conditions.push(sql`event_type ~ ANY(${[...query.typeExpressions]}::text[])`);
  }
  if (query.startTime !== undefined) conditions.push(sql`died_at >= ${query.startTime}`);
  if (query.endTime !== undefined) conditions.push(sql`died_at < ${query.endTime}`);
  if (query.after !== undefined) {
    const { time, id } = query.after;
    conditions.push(sql`(died_at, delivery_id) < (${time}::timestamptz, ${id})`);
  }
  const { rows } = await sql<DeadLetterRow>`
    SELECT delivery_id, subscription_id, tenant, event_id, event_type, line, attempts_count, cause,
      died_at, died_at::text AS died_at_text, state
    FROM hookline.dead_letter WHERE ${sql.join(conditions, sql` AND `)}
    ORDER BY died_at DESC, delivery_id DESC LIMIT ${query.limit}`.execute(db);
  return rows;
}

export async function findDeadLetterRow(
  db: Kysely<HooklineSchema>,
  query: { readonly tenant: string; readonly deliveryId: string },
): Promise<DeadLetterRow | undefined> {
  const { rows } = await sql<DeadLetterRow>`
    SELECT delivery_id, subscription_id, tenant, event_id, event_type, line, attempts_count, cause,
      died_at, died_at::text AS died_at_text, state
    FROM hookline.dead_letter
    WHERE tenant = ${query.tenant} AND delivery_id = ${query.deliveryId}`.execute(db);
  return rows[0];
}

/** The last attempt of each of these deliveries, by delivery. */
export async function lastAttemptsOf(
  db: Kysely<HooklineSchema>,
  deliveryIds: readonly string[],
): Promise<Map<string, AttemptRow>> {
  if (deliveryIds.length === 0) return new Map();
  const { rows } = await sql<AttemptRow>`
    SELECT last.* FROM unnest(${[...deliveryIds]}::text[]) AS wanted (delivery_id)
    CROSS JOIN LATERAL (SELECT * FROM hookline.attempt_log a
      WHERE a.delivery_id = wanted.delivery_id
      ORDER BY a.number DESC, a.started_at DESC LIMIT 1) AS last`.execute(db);
  return new Map(rows.map((row) => [row.delivery_id, row]));
}
