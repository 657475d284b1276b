import { randomUUID } from 'node:crypto';
import type { HooklineSchema } from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';
import { NOTIFICATION_TRIES_MAX, type Notification } from '../domain/notification.ts';

/** A notification that is due, claimed by this process until `claimMs` have passed. */
export interface DueNotification {
  readonly id: string;
  readonly recipients: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly createdAt: Date;
  /** Empty when the writing was not traced. */
  readonly traceparent: string;
  /** This try included. */
  readonly tries: number;
}

/** Writes a notification, in the transaction that decides on it. False: its key is there already. */
export async function insertNotification(
  transaction: Kysely<HooklineSchema>,
  notification: Notification,
): Promise<boolean> {
  const inserted = await transaction
    .insertInto('hookline.notification')
    .values({
      notification_id: randomUUID(),
      dedupe_key: notification.dedupeKey,
      tenant: notification.tenant,
      subscription_id: notification.subscriptionId ?? null,
      incident_id: notification.incidentId,
      kind: notification.kind,
      recipients: [...notification.recipients],
      subject: notification.subject,
      body_text: notification.text,
      body_html: notification.html,
      traceparent: notification.traceparent ?? '',
    })
    .onConflict((conflict) => conflict.column('dedupe_key').doNothing())
    .returning('notification_id')
    .execute();
  return inserted.length > 0;
}

/**
 * Takes the notifications that are due. Each is put off by `claimMs` at once: should this process
 * end before it records what came of it, it is due again then, here or in another monitor.
 */
export async function claimDue(
  db: Kysely<HooklineSchema>,
  claim: { readonly limit: number; readonly claimMs: number },
): Promise<DueNotification[]> {
  const { rows } = await sql<{
    notification_id: string;
    recipients: string[];
    subject: string;
    body_text: string;
    body_html: string;
    created_at: Date;
    tries: number;
    traceparent: string;
  }>`
    UPDATE hookline.notification SET tries = tries + 1, tried_at = now(),
      next_try_at = now() + make_interval(secs => ${claim.claimMs / 1000}::float8)
    WHERE notification_id IN (
      SELECT notification_id FROM hookline.notification
      WHERE sent_at IS NULL AND next_try_at <= now() AND tries < ${NOTIFICATION_TRIES_MAX}
      ORDER BY next_try_at LIMIT ${claim.limit} FOR UPDATE SKIP LOCKED)
    RETURNING notification_id, recipients, subject, body_text, body_html, created_at, tries,
      traceparent`.execute(db);
  return rows.map((row) => ({
    id: row.notification_id,
    recipients: row.recipients,
    subject: row.subject,
    text: row.body_text,
    html: row.body_html,
    createdAt: row.created_at,
    tries: row.tries,
    traceparent: row.traceparent,
  }));
}

export async function recordSent(db: Kysely<HooklineSchema>, id: string): Promise<void> {
  await db
    .updateTable('hookline.notification')
    .set({ sent_at: sql<Date>`now()`, error: null })
    .where('notification_id', '=', id)
    .execute();
}

export async function recordFailed(
  db: Kysely<HooklineSchema>,
  failure: { readonly id: string; readonly error: string; readonly retryInMs: number },
): Promise<void> {
  await db
    .updateTable('hookline.notification')
    .set({
      error: failure.error.slice(0, 1_000),
      next_try_at: sql<Date>`now() + make_interval(secs => ${failure.retryInMs / 1000}::float8)`,
    })
    .where('notification_id', '=', failure.id)
    .execute();
}
