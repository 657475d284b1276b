import type { HooklineSchema } from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';

/** A rejected message that was counted in no incident yet. */
export interface UnhandledRejected {
  readonly rejected_id: string;
  /** Undefined: nobody's, as far as could be read; `isKnown` says whether there is such a tenant. */
  readonly tenant: string | null;
  readonly is_known: boolean;
  readonly host: string | null;
  readonly channel: string;
  readonly subject: string | null;
  readonly code: string;
  readonly reason: string;
  readonly received_at: Date;
}

/** Locks the oldest unhandled ones until the transaction ends; what another monitor has is skipped. */
export async function lockUnhandledRejected(
  transaction: Kysely<HooklineSchema>,
  limit: number,
): Promise<UnhandledRejected[]> {
  const { rows } = await sql<UnhandledRejected>`
    SELECT r.rejected_id, r.tenant, r.host, r.channel, r.subject, r.code, r.reason, r.received_at,
      EXISTS (SELECT FROM hookline.tenant t WHERE t.name = r.tenant AND t.deleted_at IS NULL) AS is_known
    FROM hookline.rejected r WHERE r.handled_at IS NULL
    ORDER BY r.received_at LIMIT ${limit} FOR UPDATE OF r SKIP LOCKED`.execute(transaction);
  return rows;
}

export async function markRejectedHandled(
  transaction: Kysely<HooklineSchema>,
  ids: readonly string[],
): Promise<void> {
  await sql`UPDATE hookline.rejected SET handled_at = now()
    WHERE rejected_id = ANY(${[...ids]}::text[])`.execute(transaction);
}
