import type { DeadDelivery, DisablingCause, WatchedSubscription } from './disabling.ts';
import { type MailText, oneLine, utc, writeMail } from './mail-layout.ts';
import { shownUrl } from './shown-url.ts';

/** An attempt as the mail shows it. */
export interface AttemptSummary {
  readonly number: number;
  readonly startedAt: Date;
  readonly outcome: string;
  readonly httpStatus: number | undefined;
  readonly error: string | undefined;
}

export interface DisabledMailInput {
  readonly subscription: WatchedSubscription;
  readonly cause: DisablingCause;
  readonly reason: string;
  readonly delivery: DeadDelivery;
  /** The last attempts of that delivery, oldest first. */
  readonly attempts: readonly AttemptSummary[];
  /** Where the console is, with a slash at the end. */
  readonly consoleUrl: string;
}

/**
 * The mail that says a webhook was disabled: which, why, what the last attempts came to, and how to
 * enable it again. It holds no secret: neither the signing secret nor headers nor credentials, and
 * of the URL only what identifies it.
 */
export function writeDisabledMail(input: DisabledMailInput): MailText {
  const { subscription, attempts, consoleUrl } = input;
  return writeMail({
    title: `Webhook disabled: ${nameOf(subscription)}`,
    lead: consequence(input),
    facts: factsOf(input),
    attempts: attempts.map(attemptLine),
    attemptsFrom: attempts[0]?.number ?? 1,
    mend: subscription.isProbed && input.cause !== 'gone' ? MEND_PROBED : MEND,
    command: `curl -X POST -H "Authorization: Bearer $HOOKLINE_API_KEY" ${consoleUrl}v1/webhooks/${subscription.id}/resume`,
    consoleUrl,
  });
}

/** What people call a webhook: its description, else its URL. */
export function nameOf({ description, url }: Pick<WatchedSubscription, 'description' | 'url'>) {
  return oneLine(description) || shownUrl(url);
}

function factsOf({ subscription, reason, delivery }: DisabledMailInput): [string, string][] {
  const description = oneLine(subscription.description);
  return [
    ['Webhook', subscription.id],
    ['URL', shownUrl(subscription.url)],
    ...(description === '' ? [] : [['Description', description] as [string, string]]),
    ['Reason', reason],
    ['Last error', delivery.error ?? 'none was recorded'],
    ['Event', `${delivery.eventType} (${delivery.eventId})`],
    ['Delivery', `${delivery.deliveryId}, given up ${utc(delivery.diedAt)}`],
  ];
}

/** An attempt in one line, without its number. */
export function attemptLine(attempt: AttemptSummary): string {
  const status = attempt.httpStatus === undefined ? '' : `, HTTP ${attempt.httpStatus}`;
  const error = attempt.error === undefined ? '' : `: ${oneLine(attempt.error)}`;
  return `${utc(attempt.startedAt)}, ${attempt.outcome}${status}${error}`;
}

function consequence({ cause }: DisabledMailInput): string {
  const why =
    cause === 'gone'
      ? 'its endpoint answered that it is gone for good'
      : 'deliveries to it kept failing';
  return `Hookline disabled this webhook because ${why}. No further events are delivered to it until it is enabled again.`;
}

const MEND =
  'Once the endpoint answers with a 2xx status again, enable the webhook. Events that came meanwhile are kept and can be replayed.';
const MEND_PROBED =
  'Hookline asks the endpoint again and again, and enables the webhook by itself once it answers with a 2xx status; you can do so at once as well. Events that came meanwhile are kept and can be replayed.';
