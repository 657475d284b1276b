import type { DisablingCause, WatchedSubscription } from './disabling.ts';
import type { IncidentKindText, ShownIncident } from './incident.ts';

/** A mail to be sent, as the outbox keeps it. */
export interface Notification {
  /** Two notifications of one key are the same: the second is not written. */
  readonly dedupeKey: string;
  readonly tenant: string;
  readonly subscriptionId: string | undefined;
  readonly incidentId: string;
  /** As the incident's. */
  readonly kind: IncidentKindText;
  readonly recipients: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Of the span in which it is written, so that its sending can be traced. */
  readonly traceparent?: string;
}

/** The subscription's own addresses, else the tenant's contacts; each once. */
export function recipientsOf(subscription: WatchedSubscription): string[] {
  const { notificationEmails, tenantContacts } = subscription;
  return [...new Set(notificationEmails.length > 0 ? notificationEmails : tenantContacts)];
}

/** One mail per subscription and cause for as long as it stays disabled. */
export function disabledKey(subscription: WatchedSubscription, cause: DisablingCause): string {
  return `subscription_disabled/${subscription.id}/${subscription.enabledEpoch}/${cause}`;
}

/** One mail for each time that people are told of an incident. */
export function incidentKey({ id, toldAt }: ShownIncident): string {
  return `incident/${id}/${toldAt?.getTime() ?? 0}`;
}

const FIRST_DELAY_MS = 30_000;
const DELAY_MAX_MS = 60 * 60 * 1000;

/** Tries of one mail, about two days of them; then it stays in the table, unsent, with its error. */
export const NOTIFICATION_TRIES_MAX = 48;

/** How long to wait after the n-th failed try (from 1): 30 s, doubled each time up to an hour. */
export function retryDelayMs(tries: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** (tries - 1), DELAY_MAX_MS);
}
