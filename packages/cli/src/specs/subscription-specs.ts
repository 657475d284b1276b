import { defineCommand, defineSpec } from '../command/command.ts';
import { list, required, requiredList, value } from '../command/option.ts';
import { choice, duration, text } from '../command/value-types.ts';
import {
  FORMATS,
  paging,
  pattern,
  requestId,
  SUBSCRIPTION_STATES,
  subscriptionId,
} from './common.ts';
import { etag, secretOptions, settings } from './subscription-options.ts';

const DAY_MS = 86_400_000;
const SUB = 'sub_01m80mhnh3e85tvw1gzgw007n1';
const id = required(subscriptionId, 'the subscription', { field: 'id' });
const endpoint = text('url', 'an https URL; http where the server allows it');

export const listSpec = defineSpec({
  name: 'subscriptions list',
  summary: 'Lists subscriptions, the newest first',
  arguments: {},
  options: {
    state: list(choice(SUBSCRIPTION_STATES), 'only in these states', { field: 'states' }),
    format: list(choice(FORMATS), 'only in these formats', { field: 'formats' }),
    query: value(text('text'), 'only with this in their URL or description', { field: 'query' }),
    ...paging,
  },
  examples: [{ line: 'subscriptions list --state disabled', note: 'those whose endpoint failed' }],
});

export const getSpec = defineSpec({
  name: 'subscriptions get',
  summary: 'Shows a subscription, without its secret',
  arguments: { id },
  options: {},
  examples: [{ line: `subscriptions get ${SUB}`, note: 'one subscription' }],
});

export const createSpec = defineSpec({
  name: 'subscriptions create',
  summary: 'Creates a subscription; its secret is shown now and never again',
  details:
    'Every event accepted after the answer is delivered. Without --secret Hookline makes one. Warnings are on the error output.',
  arguments: { endpoint: required(endpoint, 'where requests go', { field: 'subscription.url' }) },
  options: {
    event: requiredList(pattern, 'which events it wants', { field: 'subscription.filter.types' }),
    ...settings,
    ...secretOptions,
    'request-id': requestId,
  },
  examples: [
    {
      line: "subscriptions create https://shop.example.com/hooks --event 'server.*'",
      note: 'everything about servers that succeeded',
    },
    {
      line: 'subscriptions create http://127.0.0.1:9000/hooks --event server.started --retry-delay 5s --retry-delay 1m --secret-file secret.txt',
      note: 'a schedule and a secret of one’s own',
    },
  ],
});

export const CLEARABLE = [
  'description',
  'headers',
  'auth',
  'retry_policy',
  'rate_limit',
  'timeout',
  'options',
  'notification_emails',
  'filter.statuses',
  'filter.phases',
  'filter.subjects',
] as const;

export const updateSpec = defineSpec({
  name: 'subscriptions update',
  summary: 'Changes a subscription: what is named, and nothing else',
  details:
    'Lists and maps are replaced as a whole. Changing a disabled subscription enables it again. The secret is changed by rotate-secret.',
  arguments: { id: required(subscriptionId, 'the subscription', { field: 'subscription.id' }) },
  options: {
    endpoint: value(endpoint, 'where requests go', { field: 'subscription.url' }),
    event: list(pattern, 'which events it wants', { field: 'subscription.filter.types' }),
    ...settings,
    clear: list(choice(CLEARABLE), 'set this back to its default'),
    etag,
  },
  examples: [
    {
      line: `subscriptions update ${SUB} --event server.started --event server.stopped --clear headers`,
      note: 'other events, and no headers of its own any more',
    },
  ],
});

const simple = <const N extends string>(name: N, summary: string, note: string) =>
  defineSpec({
    name: `subscriptions ${name}`,
    summary,
    arguments: { id },
    options: { etag },
    examples: [{ line: `subscriptions ${name} ${SUB}`, note }],
  });

export const pauseSpec = simple(
  'pause',
  'Lets deliveries wait until the subscription is resumed',
  'while its endpoint is being mended',
);
export const resumeSpec = simple(
  'resume',
  'Makes a paused or disabled subscription active again',
  'what waited is delivered',
);
export const deleteSpec = simple(
  'delete',
  'Deletes a subscription; what waits for it is cancelled, on record',
  'there is no way back',
);

export const rotateSpec = defineSpec({
  name: 'subscriptions rotate-secret',
  summary: 'Replaces the signing secret; the new one is shown now and never again',
  details: 'Until the overlap ends, requests are signed with the new and the old secret.',
  arguments: { id },
  options: {
    overlap: value(duration(0, 7 * DAY_MS), 'how long the old secrets sign as well', {
      fallback: '24h',
      field: 'overlap',
    }),
    ...secretOptions,
    etag,
    'request-id': requestId,
  },
  examples: [
    {
      line: `subscriptions rotate-secret ${SUB} --overlap 1h`,
      note: 'a new secret, made by Hookline',
    },
  ],
});

export const pingSpec = defineSpec({
  name: 'subscriptions ping',
  summary: 'Sends hookline.ping to the endpoint and shows how it answered',
  arguments: { id },
  options: {},
  examples: [{ line: `subscriptions ping ${SUB}`, note: 'does it answer?' }],
  exitCodes: { 1: 'the ping failed' },
});

export const healthSpec = defineSpec({
  name: 'subscriptions health',
  summary: 'Shows how the endpoint fares: what waits, what holds it back, how it answered',
  arguments: { id },
  options: {},
  examples: [{ line: `subscriptions health ${SUB}`, note: 'why nothing arrives' }],
});

const runners = () => import('../run/subscriptions.ts');

export const subscriptionCommands = {
  name: 'subscriptions',
  summary: 'Say who wants which events where (over REST they are webhooks)',
  commands: [
    defineCommand(listSpec, async () => (await runners()).listSubscriptions),
    defineCommand(getSpec, async () => (await runners()).getSubscription),
    defineCommand(
      createSpec,
      async () => (await import('../run/change-subscription.ts')).createSubscription,
    ),
    defineCommand(
      updateSpec,
      async () => (await import('../run/change-subscription.ts')).updateSubscription,
    ),
    defineCommand(pauseSpec, async () => (await runners()).pauseSubscription),
    defineCommand(resumeSpec, async () => (await runners()).resumeSubscription),
    defineCommand(
      rotateSpec,
      async () => (await import('../run/change-subscription.ts')).rotateSecret,
    ),
    defineCommand(pingSpec, async () => (await runners()).pingSubscription),
    defineCommand(healthSpec, async () => (await runners()).showHealth),
    defineCommand(deleteSpec, async () => (await runners()).deleteSubscription),
  ],
};
