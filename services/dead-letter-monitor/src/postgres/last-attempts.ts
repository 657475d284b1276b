import { type HooklineSchema, listAttemptsOfDelivery } from '@hookline/event-log';
import type { Kysely } from 'kysely';
import type { AttemptSummary } from '../domain/disabled-mail.ts';

const ATTEMPTS_SHOWN = 5;

/** The last attempts of a delivery as a mail shows them, oldest first. */
export async function lastAttempts(
  db: Kysely<HooklineSchema>,
  delivery: { readonly tenant: string; readonly deliveryId: string },
): Promise<AttemptSummary[]> {
  const rows = await listAttemptsOfDelivery(db, delivery);
  return rows.slice(-ATTEMPTS_SHOWN).map((row) => ({
    number: row.number,
    startedAt: row.started_at,
    outcome: row.outcome,
    httpStatus: row.http_status ?? undefined,
    error: row.error ?? undefined,
  }));
}
