import { type AttemptSummary, attemptLine, nameOf } from './disabled-mail.ts';
import type { WatchedSubscription } from './disabling.ts';
import type { Showing, ShownIncident } from './incident.ts';
import { type MailText, oneLine, utc, writeMail } from './mail-layout.ts';
import { shownUrl } from './shown-url.ts';

export interface IncidentMailInput {
  readonly incident: ShownIncident;
  readonly showing: Showing;
  /** When it is about one. */
  readonly subscription?: WatchedSubscription | undefined;
  /** Of the delivery that it showed with, oldest first. */
  readonly attempts?: readonly AttemptSummary[];
  readonly consoleUrl: string;
}

/**
 * The mail about an incident that people have not heard of yet, or that still goes on: what happens,
 * since when, how often, and what to do. As every mail, it holds no secret.
 */
export function writeIncidentMail(input: IncidentMailInput): MailText {
  const { incident, showing, subscription, attempts = [], consoleUrl } = input;
  const name = subscription === undefined ? '' : `: ${nameOf(subscription)}`;
  return writeMail({
    title: `${TITLES[showing.kind]}${name}`,
    lead: `${oneLine(showing.summary)}.`,
    facts: [
      ['Incident', incident.id],
      ...(subscription === undefined ? [] : subscriptionFacts(subscription)),
      ...(showing.host === undefined ? [] : [['Host', showing.host] as const]),
      ['Cause', showing.cause],
      ['Count', String(incident.count)],
      ['Since', utc(incident.firstAt)],
      ['Last', utc(showing.lastAt)],
    ],
    attempts: attempts.map(attemptLine),
    attemptsFrom: attempts[0]?.number ?? 1,
    mend: showing.suggestion,
    command: `curl -H "Authorization: Bearer $HOOKLINE_API_KEY" ${consoleUrl}v1/incidents`,
    consoleUrl,
  });
}

function subscriptionFacts({ id, url }: WatchedSubscription): (readonly [string, string])[] {
  return [
    ['Webhook', id],
    ['URL', shownUrl(url)],
  ];
}

const TITLES: Readonly<Record<Showing['kind'], string>> = {
  deliveries_dead: 'Deliveries given up',
  subscription_disabled: 'Webhook disabled',
  ingest_rejected: 'Published messages rejected',
  outbox_stuck: 'Accepted events wait to be dispatched',
  ordered_head_stuck: 'An ordered line is held up',
  projection_lagging: 'A read model is behind',
  agent_silent: 'An agent has fallen silent',
  broker_advisory: 'NATS reports trouble',
  notification_failed: 'Notifications cannot be delivered',
};
