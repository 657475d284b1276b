import type { DeadDelivery, DisablingCause, WatchedSubscription } from './disabling.ts';
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

export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const LINE_LENGTH_MAX = 500;

/**
 * The mail that says a webhook was disabled: which, why, what the last attempts came to, and how to
 * enable it again. It holds no secret: neither the signing secret nor headers nor credentials, and
 * of the URL only what identifies it.
 */
export function writeDisabledMail(input: DisabledMailInput): MailText {
  const { subscription } = input;
  const name = oneLine(subscription.description) || shownUrl(subscription.url);
  const facts = factsOf(input);
  const attempts = input.attempts.map(attemptLine);
  const enable = enableCommand(input);
  return {
    subject: `Webhook disabled: ${name}`.slice(0, 150),
    text: textOf({ name, facts, attempts, enable, input }),
    html: htmlOf({ name, facts, attempts, enable, input }),
  };
}

interface Parts {
  readonly name: string;
  readonly facts: readonly (readonly [string, string])[];
  readonly attempts: readonly string[];
  readonly enable: string;
  readonly input: DisabledMailInput;
}

function factsOf({ subscription, reason, delivery }: DisabledMailInput): [string, string][] {
  const description = oneLine(subscription.description);
  return [
    ['Webhook', subscription.id],
    ['URL', shownUrl(subscription.url)],
    ...(description === '' ? [] : [['Description', description] as [string, string]]),
    ['Reason', oneLine(reason)],
    ['Last error', oneLine(delivery.error ?? 'none was recorded')],
    ['Event', `${delivery.eventType} (${delivery.eventId})`],
    ['Delivery', `${delivery.deliveryId}, given up ${utc(delivery.diedAt)}`],
  ];
}

function attemptLine(attempt: AttemptSummary): string {
  const status = attempt.httpStatus === undefined ? '' : `, HTTP ${attempt.httpStatus}`;
  const error = attempt.error === undefined ? '' : `: ${oneLine(attempt.error)}`;
  return `${attempt.number}. ${utc(attempt.startedAt)}, ${attempt.outcome}${status}${error}`;
}

function enableCommand({ subscription, consoleUrl }: DisabledMailInput): string {
  return `curl -X POST -H "Authorization: Bearer $HOOKLINE_API_KEY" ${consoleUrl}v1/webhooks/${subscription.id}/resume`;
}

function consequence(cause: DisablingCause): string {
  const why =
    cause === 'gone'
      ? 'its endpoint answered that it is gone for good'
      : 'deliveries to it kept failing';
  return `Hookline disabled this webhook because ${why}. No further events are delivered to it until it is enabled again.`;
}

const MEND =
  'Once the endpoint answers with a 2xx status again, enable the webhook. Events that came meanwhile are kept and can be replayed.';

function textOf({ name, facts, attempts, enable, input }: Parts): string {
  const width = Math.max(...facts.map(([label]) => label.length)) + 2;
  return [
    `Webhook disabled: ${name}`,
    '',
    consequence(input.cause),
    '',
    ...facts.map(([label, value]) => `${`${label}:`.padEnd(width)}${value}`),
    '',
    ...(attempts.length === 0 ? [] : ['Its last attempts:', ...attempts, '']),
    MEND,
    '',
    `  ${enable}`,
    '',
    `Console: ${input.consoleUrl}`,
    '',
  ].join('\n');
}

function htmlOf({ name, facts, attempts, enable, input }: Parts): string {
  const rows = facts.map(
    ([label, value]) =>
      `<tr><th align="left" valign="top" style="padding:2px 16px 2px 0">${escapeHtml(label)}</th><td style="padding:2px 0">${escapeHtml(value)}</td></tr>`,
  );
  const list = attempts.map((line) => `<li>${escapeHtml(line.replace(/^\d+\. /, ''))}</li>`);
  const first = input.attempts[0]?.number ?? 1;
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Webhook disabled</title></head>',
    '<body style="font-family:system-ui,sans-serif;line-height:1.5;max-width:44em">',
    `<h1 style="font-size:1.25em">Webhook disabled: ${escapeHtml(name)}</h1>`,
    `<p>${escapeHtml(consequence(input.cause))}</p>`,
    `<table style="border-collapse:collapse">${rows.join('')}</table>`,
    list.length === 0 ? '' : `<p>Its last attempts:</p><ol start="${first}">${list.join('')}</ol>`,
    `<p>${escapeHtml(MEND)}</p>`,
    `<pre style="white-space:pre-wrap;overflow-wrap:anywhere">${escapeHtml(enable)}</pre>`,
    `<p><a href="${escapeHtml(input.consoleUrl)}">Open the console</a></p>`,
    '</body></html>',
    '',
  ].join('\n');
}

/** Control characters out, so that no text from elsewhere adds a line or a header. */
function oneLine(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim();
  return line.length > LINE_LENGTH_MAX ? `${line.slice(0, LINE_LENGTH_MAX)}…` : line;
}

function utc(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}
