import {
  type DeadLetterQuery,
  deadLetterCondition,
  type HooklineSchema,
} from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';

/** Of a dead letter named by id, what decides whether it can be tried again. */
export interface ListedDeadLetter {
  readonly delivery_id: string;
  readonly state: string;
  /** null: the subscription is not there. */
  readonly subscription_state: string | null;
  readonly event_recorded_at: Date;
}

export async function findListed(
  db: Kysely<HooklineSchema>,
  { tenant, ids }: { readonly tenant: string; readonly ids: readonly string[] },
): Promise<Map<string, ListedDeadLetter>> {
  const { rows } = await sql<ListedDeadLetter>`
    SELECT d.delivery_id, d.state, s.state AS subscription_state, d.event_recorded_at
    FROM hookline.dead_letter d LEFT JOIN hookline.subscription s
      ON s.subscription_id = d.subscription_id AND s.tenant = d.tenant
    WHERE d.tenant = ${tenant} AND d.delivery_id = ANY(${[...ids]}::text[])`.execute(db);
  return new Map(rows.map((row) => [row.delivery_id, row]));
}

/** How many dead letters of each subscription can be tried again, those with a deleted one left out. */
export async function countRedrivable(
  db: Kysely<HooklineSchema>,
  query: DeadLetterQuery,
  keptFrom: Date | undefined,
): Promise<readonly { readonly subscription_id: string; readonly count: bigint }[]> {
  const kept = keptFrom === undefined ? sql`true` : sql`d.event_recorded_at >= ${keptFrom}`;
  const { rows } = await sql<{ subscription_id: string; count: bigint }>`
    SELECT s.subscription_id, c.count FROM (
      SELECT d.subscription_id, count(*) AS count FROM hookline.dead_letter d
      WHERE ${deadLetterCondition(query)} AND ${kept} GROUP BY d.subscription_id) c
    JOIN hookline.subscription s ON s.subscription_id = c.subscription_id AND s.state <> 'deleted'
    ORDER BY s.subscription_id`.execute(db);
  return rows;
}

/** Closes dead letters; those closed already are none of them. Returns how many. */
export async function discard(
  transaction: Kysely<HooklineSchema>,
  query: DeadLetterQuery,
  reason: string,
): Promise<bigint> {
  const { rows } = await sql<{ count: bigint }>`
    WITH picked AS MATERIALIZED (
      SELECT d.delivery_id FROM hookline.dead_letter d WHERE ${deadLetterCondition(query)}
      ORDER BY d.died_at, d.delivery_id FOR UPDATE
    ), closed AS (
      UPDATE hookline.dead_letter d SET state = 'discarded', discard_reason = ${reason}
      FROM picked p WHERE d.delivery_id = p.delivery_id RETURNING 1)
    SELECT count(*) AS count FROM closed`.execute(transaction);
  return rows[0]?.count ?? 0n;
}

/** A time that everything which died before now precedes, by Postgres's clock. */
export async function readNow(db: Kysely<HooklineSchema>): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`
    SELECT date_trunc('milliseconds', clock_timestamp()) + interval '1 millisecond' AS now`.execute(
    db,
  );
  return rows[0]?.now ?? new Date();
}
