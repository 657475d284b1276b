import { newId } from '@hookline/contracts';
import type { HooklineSchema } from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';
import type { Counting, IncidentKindText, Showing, ShownIncident } from '../domain/incident.ts';

interface ShownRow {
  readonly incident_id: string;
  readonly is_new: boolean;
  readonly kind: IncidentKindText;
  readonly count: bigint;
  readonly first_at: Date;
  readonly told_at: Date | null;
}

/**
 * Counts trouble in the open incident of its group, which is opened when there is none. Its row stays
 * locked until the transaction ends, so that of several monitors one decides whom to tell.
 *
 * A disabled subscription's incident stays that while further deliveries to it are given up.
 */
export async function showIncident(
  transaction: Kysely<HooklineSchema>,
  showing: Showing,
  counting: Counting,
): Promise<ShownIncident> {
  const { rows } = await sql<ShownRow>`
    INSERT INTO hookline.incident AS i (incident_id, tenant, kind, group_key, subscription_id, host, cause,
      outcome, summary, suggestion, count, first_at, last_at, told_at)
    VALUES (${newId('inc')}, ${showing.tenant}, ${showing.kind}, ${showing.groupKey},
      ${showing.subscriptionId ?? null}, ${showing.host ?? null}, ${showing.cause}, ${showing.outcome ?? null},
      ${showing.summary}, ${showing.suggestion}, ${showing.count}, ${showing.firstAt}, ${showing.lastAt},
      (SELECT max(told_at) FROM hookline.incident
        WHERE tenant = ${showing.tenant} AND group_key = ${showing.groupKey}))
    ON CONFLICT (tenant, group_key) WHERE state = 'open' DO UPDATE SET
      count = CASE WHEN ${counting === 'more'} THEN i.count + excluded.count
        ELSE greatest(i.count, excluded.count) END,
      kind = CASE WHEN i.kind = 'subscription_disabled' THEN i.kind ELSE excluded.kind END,
      summary = CASE WHEN i.kind = 'subscription_disabled' AND excluded.kind <> i.kind
        THEN i.summary ELSE excluded.summary END,
      suggestion = CASE WHEN i.kind = 'subscription_disabled' AND excluded.kind <> i.kind
        THEN i.suggestion ELSE excluded.suggestion END,
      first_at = least(i.first_at, excluded.first_at), last_at = greatest(i.last_at, excluded.last_at)
    RETURNING incident_id, xmax = 0 AS is_new, kind, count, first_at, told_at`.execute(transaction);
  const row = rows[0];
  if (row === undefined) throw new Error(`incident ${showing.groupKey} was neither made nor found`);
  return {
    id: row.incident_id,
    isNew: row.is_new,
    kind: row.kind,
    count: Number(row.count),
    firstAt: row.first_at,
    toldAt: row.told_at ?? undefined,
  };
}

/** Notes that people are being told of it, in the transaction that writes the mail. */
export async function noteTold(
  transaction: Kysely<HooklineSchema>,
  incidentId: string,
): Promise<void> {
  await sql`UPDATE hookline.incident SET told_at = now()
    WHERE incident_id = ${incidentId}`.execute(transaction);
}
