import { GetSubscriptionRequest, newId, type Subscription } from '@hookline/contracts';
import { checkFilter, readFilterMessage, type SubscriptionFilter } from '@hookline/subscriptions';
import { checkOptions, getFormat, type WebhookFormat } from '@hookline/webhook-formats';
import { checkSecret, generateSecret } from '@hookline/webhook-signature';
import type { Input } from '../command/command.ts';
import { UsageError, type UsageFault } from '../command/usage-error.ts';
import { present } from '../run/show.ts';
import type { Connection } from '../server/connect.ts';
import { message } from '../server/request.ts';
import type { listenSpec } from '../specs/tool-specs.ts';
import type { LocalSubscription } from './local-request.ts';

type Given = Input<typeof listenSpec>;

/** Flags that a subscription of the server has its own of. */
const OWN_OF_A_SUBSCRIPTION = ['event', 'status', 'phase', 'subject', 'option'] as const;

/** What flags say, or a subscription of the server with another URL. @throws UsageError */
export async function readLocalSubscription(
  input: Given,
  connection: Connection,
): Promise<LocalSubscription> {
  const { subscription: id, secret = generateSecret(), timeout } = input.options;
  const url = readUrl(input.arguments['forward-to']);
  checkSecretFlag(secret);
  const base = { url, secret, timeoutMs: timeout };
  if (id === undefined) return { ...base, ...fromFlags(input.options) };
  const both = OWN_OF_A_SUBSCRIPTION.find((name) => input.options[name].length > 0);
  if (both !== undefined) {
    const detail = 'is given together with --subscription, which has its own; give one of them';
    throw new UsageError([{ subject: `--${both}`, detail }], 'listen');
  }
  const request = message(GetSubscriptionRequest, { id });
  const answer = await connection.subscriptions.getSubscription(request, connection.call);
  return { ...base, ...fromSubscription(present(answer.subscription, 'the subscription')) };
}

/** A port of this machine, or a URL. */
function readUrl(text: string): string {
  if (/^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535) return `http://127.0.0.1:${text}/`;
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.hostname !== '') return url.href;
  const detail = `${JSON.stringify(text)} is neither a port of this machine nor an http or https URL, such as 3000 or http://127.0.0.1:3000/hooks`;
  throw new UsageError([{ subject: '<forward-to>', detail }], 'listen');
}

function checkSecretFlag(secret: string): void {
  const check = checkSecret(secret);
  if (check.kind === 'fault') {
    throw new UsageError([{ subject: '--secret', detail: check.fault }], 'listen');
  }
}

function fromFlags(options: Given['options']) {
  const format = getFormat(options.format) as WebhookFormat;
  const filter: SubscriptionFilter = {
    types: options.event.length === 0 ? ['*'] : options.event,
    statuses: options.status,
    phases: options.phase,
    subjects: options.subject,
    attributes: [],
  };
  const named = Object.fromEntries(options.option.map(({ name, value }) => [name, value]));
  const faults: UsageFault[] = [...checkFilter(filter, format), ...checkOptions(format, named)].map(
    ({ field, detail }) => ({ subject: FLAGS[field.replace(/\[.*$/, '')] ?? '--option', detail }),
  );
  if (faults.length > 0) throw new UsageError(faults, 'listen');
  return { id: newId('sub'), format, filter, options: named, headers: {} };
}

const FLAGS: Readonly<Record<string, string>> = {
  'filter.types': '--event',
  'filter.statuses': '--status',
  'filter.phases': '--phase',
  'filter.subjects': '--subject',
};

function fromSubscription({ id, filter, format: name, options, headers }: Subscription) {
  const format = getFormat(name);
  if (format === undefined) {
    const detail = `its format ${JSON.stringify(name)} is not known here; upgrade this command line`;
    throw new UsageError([{ subject: '--subscription', detail }], 'listen');
  }
  return { id, format, filter: readFilterMessage(present(filter, 'the filter')), options, headers };
}
