import type { Database } from '@hookline/event-log';
import { type Counter, reasonOf } from '@hookline/service-runtime';
import { type Logger, noTracing, redactText, type Tracing } from '@hookline/telemetry';
import { NOTIFICATION_TRIES_MAX, retryDelayMs } from './domain/notification.ts';
import type { SendMail } from './mail/mail.ts';
import {
  claimDue,
  type DueNotification,
  recordFailed,
  recordSent,
} from './postgres/notification-outbox.ts';
import { traceMail } from './trace-mail.ts';

export interface NotificationSenderDeps {
  readonly database: Database;
  readonly sendMail: SendMail;
  readonly logger: Logger;
  readonly tracing?: Tracing;
  /** Counted by `result`: sent or failed. */
  readonly mails: Counter;
}

const BATCH_MAX = 5;
/** Longer than a batch can take over SMTP, all timeouts included. */
const CLAIM_MS = 10 * 60 * 1000;

/** Sends what is due, a few mails at a time. True when there may be more. */
export async function sendDueNotifications(deps: NotificationSenderDeps): Promise<boolean> {
  const due = await claimDue(deps.database.kysely, { limit: BATCH_MAX, claimMs: CLAIM_MS });
  for (const notification of due) await sendOne(deps, notification);
  return due.length === BATCH_MAX;
}

async function sendOne(deps: NotificationSenderDeps, due: DueNotification): Promise<void> {
  const { database, logger, mails } = deps;
  const about = { notification_id: due.id, tries: due.tries };
  try {
    await traceMail(deps.tracing ?? noTracing, due, deps.sendMail);
  } catch (error) {
    const reason = redactText(reasonOf(error));
    const last = due.tries >= NOTIFICATION_TRIES_MAX;
    const next = last ? 'given up' : `next try in ${retryDelayMs(due.tries) / 1000} s`;
    logger.warn(about, `a mail was not sent (${reason}): ${next}; see HOOKLINE_SMTP_URL`);
    mails.add(1, { result: 'failed' });
    await recordFailed(database.kysely, {
      id: due.id,
      error: reason,
      retryInMs: retryDelayMs(due.tries),
    });
    return;
  }
  mails.add(1, { result: 'sent' });
  await recordSent(database.kysely, due.id);
  logger.info(about, `a mail was sent to ${due.recipients.length} recipients`);
}
