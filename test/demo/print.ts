import type { IncomingWebhook } from './inbox.ts';
import type { LifeEvent } from './server-life.ts';

const INDENT = ' '.repeat(5);

export function publishedText(event: LifeEvent, eventId: string | undefined): string {
  const status = event.status === undefined ? '' : ` (${event.status})`;
  return `\n  →  ${event.type}${status}: ${event.note}\n${INDENT}published over NATS, confirmed as ${eventId}`;
}

export function webhookText(webhook: IncomingWebhook): string {
  const { channel, type, attempt, answer, webhookId, bodyText, verification } = webhook;
  const signatures = [
    `Standard Webhooks ${mark(verification.standard)}`,
    ...(verification.hexHmac === undefined ? [] : [`hex HMAC ${mark(verification.hexHmac)}`]),
  ];
  return [
    `  ←  [${channel}] ${type}, attempt ${attempt}, answered ${answer}`,
    `${webhookId}   ${signatures.join('   ')}`,
    bodyText,
  ].join(`\n${INDENT}`);
}

function mark(isRight: boolean): string {
  return isRight ? '✓' : '✗ WRONG';
}
