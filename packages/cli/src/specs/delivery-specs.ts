import { defineCommand, defineSpec } from '../command/command.ts';
import { list, required, value } from '../command/option.ts';
import { choice, text } from '../command/value-types.ts';
import {
  DELIVERY_STATES,
  deliveryId,
  eventId,
  eventTypes,
  outcomes,
  paging,
  range,
  subject,
  subscriptionId,
} from './common.ts';

const DLV = 'dlv_01m80mhnjaffrvypezm8ya8rax';
const id = required(deliveryId, 'the delivery', { field: 'id' });

export const listSpec = defineSpec({
  name: 'deliveries list',
  summary: 'Lists deliveries, the newest first',
  arguments: {},
  options: {
    subscription: value(subscriptionId, 'only to this subscription', { field: 'subscription_id' }),
    event: value(eventId, 'only of this event', { field: 'event_id' }),
    state: list(choice(DELIVERY_STATES), 'only in these states', { field: 'states' }),
    type: eventTypes,
    subject,
    outcome: outcomes,
    ...range,
    ...paging,
  },
  examples: [
    {
      line: 'deliveries list --state scheduled --state dead --from 24h',
      note: 'what did not arrive today',
    },
    {
      line: 'deliveries list --outcome timeout --json',
      note: 'those whose last attempt timed out',
    },
  ],
});

export const getSpec = defineSpec({
  name: 'deliveries get',
  summary: 'Shows a delivery with every attempt',
  arguments: { id },
  options: {},
  examples: [{ line: `deliveries get ${DLV}`, note: 'what each attempt was answered' }],
});

export const retrySpec = defineSpec({
  name: 'deliveries retry',
  summary: 'Makes one attempt as soon as the endpoint’s limits allow',
  arguments: { id },
  options: {},
  examples: [{ line: `deliveries retry ${DLV}`, note: 'now, whatever its state' }],
});

export const tailSpec = defineSpec({
  name: 'deliveries tail',
  summary: 'Shows attempts as they end, until Ctrl-C',
  details:
    'It is for watching: while the server restarts, attempts are missed, and it says so. With --json each attempt is one line.',
  arguments: {},
  options: {
    subscription: list(subscriptionId, 'only to these subscriptions', {
      field: 'subscription_ids',
    }),
    type: eventTypes,
    outcome: outcomes,
  },
  examples: [
    { line: 'deliveries tail --outcome http_error --outcome timeout', note: 'what goes wrong' },
  ],
});

export const skipSpec = defineSpec({
  name: 'deliveries skip',
  summary: 'Gives up the head of a line of an ordered subscription, so that the next goes out',
  arguments: {
    subscription: required(subscriptionId, 'the ordered subscription', {
      field: 'subscription_id',
    }),
    delivery: required(deliveryId, 'the delivery at the head of its line', {
      field: 'delivery_id',
    }),
  },
  options: { reason: value(text('text'), 'why, for the audit log', { field: 'reason' }) },
  examples: [
    {
      line: `deliveries skip sub_01m80mhnh3e85tvw1gzgw007n1 ${DLV} --reason 'the server is gone'`,
      note: 'the line goes on without it',
    },
  ],
});

const runners = () => import('../run/deliveries.ts');

export const deliveryCommands = {
  name: 'deliveries',
  summary: 'Look at deliveries and their attempts, and try again',
  commands: [
    defineCommand(listSpec, async () => (await runners()).listDeliveries),
    defineCommand(getSpec, async () => (await runners()).getDelivery),
    defineCommand(retrySpec, async () => (await runners()).retryDelivery),
    defineCommand(tailSpec, async () => (await import('../run/tail-attempts.ts')).tailAttempts),
    defineCommand(skipSpec, async () => (await runners()).skipHead),
  ],
};
