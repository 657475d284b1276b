import type { HooklineSchema } from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';
import type { IncidentKindText } from '../domain/incident.ts';

/** Resolves the open incidents of a kind whose trouble is not there any more. */
export async function resolveOthers(
  db: Kysely<HooklineSchema>,
  {
    kind,
    present,
  }: {
    readonly kind: IncidentKindText;
    readonly present: readonly { readonly tenant: string; readonly groupKey: string }[];
  },
): Promise<void> {
  await sql`
    UPDATE hookline.incident i SET state = 'resolved', resolved_at = now()
    WHERE i.state = 'open' AND i.kind = ${kind} AND NOT EXISTS (
      SELECT FROM unnest(${present.map(({ tenant }) => tenant)}::text[],
        ${present.map(({ groupKey }) => groupKey)}::text[]) AS p(tenant, group_key)
      WHERE p.tenant = i.tenant AND p.group_key = i.group_key)`.execute(db);
}

/** Resolves incidents of a kind that have not shown for so long. */
export async function resolveQuiet(
  db: Kysely<HooklineSchema>,
  { kind, quietMs }: { readonly kind: IncidentKindText; readonly quietMs: number },
): Promise<void> {
  await sql`UPDATE hookline.incident SET state = 'resolved', resolved_at = now()
    WHERE state = 'open' AND kind = ${kind}
      AND last_at < now() - make_interval(secs => ${quietMs / 1000}::float8)`.execute(db);
}
