import type { HooklineSchema } from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';
import type { Cursor } from './cursor.ts';

/** An incident as its table has it. */
export interface IncidentRow {
  readonly incident_id: string;
  readonly kind: string;
  readonly state: string;
  readonly subscription_id: string | null;
  readonly host: string | null;
  readonly cause: string;
  readonly outcome: string | null;
  readonly summary: string;
  readonly suggestion: string;
  readonly count: bigint;
  readonly first_at: Date;
  readonly last_at: Date;
  /** As Postgres writes it, for page tokens. */
  readonly last_at_text: string;
  readonly resolved_at: Date | null;
}

export interface NotificationRow {
  readonly incident_id: string;
  readonly recipients: string[];
  readonly tries: number;
  readonly sent_at: Date | null;
  readonly tried_at: Date | null;
  readonly error: string | null;
}

export interface IncidentQuery {
  readonly tenant: string;
  readonly states: readonly string[];
  readonly kinds: readonly string[];
  readonly subscriptionId: string;
  readonly startTime: Date | undefined;
  readonly endTime: Date | undefined;
  readonly after: Cursor | undefined;
  readonly limit: number;
}

/** One page of a tenant's incidents, those that showed last first. */
export async function listIncidentRows(
  db: Kysely<HooklineSchema>,
  query: IncidentQuery,
): Promise<IncidentRow[]> {
  const conditions = [
    sql`tenant = ${query.tenant}`,
    sql`state = ANY(${[...query.states]}::text[])`,
  ];
  if (query.kinds.length > 0) conditions.push(sql`kind = ANY(${[...query.kinds]}::text[])`);
  if (query.subscriptionId !== '') conditions.push(sql`subscription_id = ${query.subscriptionId}`);
  if (query.startTime !== undefined) conditions.push(sql`last_at >= ${query.startTime}`);
  if (query.endTime !== undefined) conditions.push(sql`last_at < ${query.endTime}`);
  if (query.after !== undefined) {
    const { time, id } = query.after;
    conditions.push(sql`(last_at, incident_id) < (${time}::timestamptz, ${id})`);
  }
  const { rows } = await sql<IncidentRow>`
    SELECT incident_id, kind, state, subscription_id, host, cause, outcome, summary, suggestion, count,
      first_at, last_at, last_at::text AS last_at_text, resolved_at
    FROM hookline.incident WHERE ${sql.join(conditions, sql` AND `)}
    ORDER BY last_at DESC, incident_id DESC LIMIT ${query.limit}`.execute(db);
  return rows;
}

const NOTIFICATIONS_SHOWN = 20;

/** Who was told of each of these incidents, the latest first. */
export async function notificationsOf(
  db: Kysely<HooklineSchema>,
  incidentIds: readonly string[],
): Promise<Map<string, NotificationRow[]>> {
  if (incidentIds.length === 0) return new Map();
  const { rows } = await sql<NotificationRow>`
    SELECT n.* FROM unnest(${[...incidentIds]}::text[]) AS wanted (id) CROSS JOIN LATERAL (
      SELECT incident_id, recipients, tries, sent_at, tried_at, error FROM hookline.notification
      WHERE incident_id = wanted.id ORDER BY created_at DESC LIMIT ${NOTIFICATIONS_SHOWN}) n`.execute(
    db,
  );
  return Map.groupBy(rows, ({ incident_id }) => incident_id);
}
