import { defineCommand, defineSpec } from '../command/command.ts';
import { flag, list, required, value } from '../command/option.ts';
import { choice, id, namedValue, path, text, time } from '../command/value-types.ts';
import {
  DEAD_LETTER_STATES,
  deliveryId,
  INCIDENT_KINDS,
  INCIDENT_STATES,
  OUTCOMES,
  paging,
  pattern,
  REJECTED_STATES,
  range,
  requestId,
  subscriptionId,
} from './common.ts';
import { description, rate, wait, waitExitCodes } from './replay-specs.ts';

const DLV = 'dlv_01m80mhnjaffrvypezm8ya8rax';
const SUB = 'sub_01m80mhnh3e85tvw1gzgw007n1';
const REJ = 'rej_01m80mhnjaffrvypezm8ya8rax';

/** How dead letters are selected by what they are. */
const filterOptions = {
  subscription: list(subscriptionId, 'only of these subscriptions', { field: 'subscription_ids' }),
  type: list(pattern, 'only of events of these types', { field: 'event_types' }),
  subject: list(text('server'), 'only about these servers', { field: 'subjects' }),
  outcome: list(choice(OUTCOMES), 'only whose last attempt ended so', { field: 'outcomes' }),
  incident: value(id('inc'), 'only of this incident', { field: 'incident_id' }),
  from: value(time(), 'only given up from this time on', { field: 'start_time' }),
  to: value(time(), 'only given up before this time', { field: 'end_time' }),
};

const selection = {
  ...filterOptions,
  all: flag('every open dead letter; needed when neither ids nor a filter are given'),
};

const ids = list(deliveryId, 'the dead letters; without them, the filter selects', {
  field: 'selection.ids.ids',
});

export const listSpec = defineSpec({
  name: 'dead-letters list',
  summary: 'Lists deliveries given up, the newest first',
  arguments: {},
  options: {
    state: list(choice(DEAD_LETTER_STATES), 'only in these states; open and redriving without it', {
      field: 'states',
    }),
    ...filterOptions,
    ...paging,
  },
  examples: [
    { line: `dead-letters list --subscription ${SUB}`, note: 'what one endpoint did not take' },
  ],
});

export const getSpec = defineSpec({
  name: 'dead-letters get',
  summary: 'Shows a dead letter with its event and attempts, and what to do about it',
  arguments: { id: required(deliveryId, 'the dead letter', { field: 'id' }) },
  options: {},
  examples: [{ line: `dead-letters get ${DLV}`, note: 'why it was given up' }],
});

export const redriveSpec = defineSpec({
  name: 'dead-letters redrive',
  summary: 'Delivers dead letters again, as a durable job',
  arguments: { ids },
  options: { ...selection, rate, description, wait, 'request-id': requestId },
  examples: [
    { line: `dead-letters redrive --subscription ${SUB} --wait`, note: 'all of one subscription' },
    { line: `dead-letters redrive ${DLV}`, note: 'one' },
  ],
  exitCodes: waitExitCodes,
});

export const discardSpec = defineSpec({
  name: 'dead-letters discard',
  summary: 'Closes dead letters without delivering them',
  arguments: { ids },
  options: {
    reason: required(text('text'), 'why, for the audit log', { field: 'reason' }),
    ...selection,
  },
  examples: [
    { line: `dead-letters discard --type server.ping --reason 'only a test'`, note: 'by a filter' },
  ],
});

export const rejectedSpec = defineSpec({
  name: 'dead-letters rejected',
  summary: 'Lists messages that did not become events, the newest first',
  arguments: {},
  options: {
    id: list(id('rej'), 'only these', { field: 'ids' }),
    code: list(text('code'), 'only with these codes', { field: 'codes' }),
    host: value(text('host'), 'only of this host', { field: 'host' }),
    state: list(choice(REJECTED_STATES), 'only in these states; open without it', {
      field: 'states',
    }),
    ...range,
    ...paging,
  },
  examples: [
    { line: 'dead-letters rejected --host node-1', note: 'what an agent got wrong' },
    { line: `dead-letters rejected --id ${REJ} --json`, note: 'one, with its payload' },
  ],
});

export const resubmitSpec = defineSpec({
  name: 'dead-letters resubmit',
  summary: 'Puts a rejected message in again, corrected or as it is',
  arguments: { id: required(id('rej'), 'the rejected message', { field: 'id' }) },
  options: {
    type: value(text('type'), 'the event type to use instead', { field: 'type' }),
    'payload-file': value(
      path('the path of a file, or - for the standard input'),
      'the message to use instead',
      {
        field: 'payload',
      },
    ),
    header: list(namedValue(), 'a header to use; all of its own are then left out', {
      field: 'headers',
    }),
    'no-headers': flag('leave all of its headers out'),
  },
  examples: [{ line: `dead-letters resubmit ${REJ} --payload-file fixed.json`, note: 'corrected' }],
});

export const incidentsSpec = defineSpec({
  name: 'dead-letters incidents',
  summary: 'Lists incidents: trouble of one kind with one cause, however often it shows',
  arguments: {},
  options: {
    state: list(choice(INCIDENT_STATES), 'only in these states; open without it', {
      field: 'states',
    }),
    kind: list(choice(INCIDENT_KINDS), 'only of these kinds', { field: 'kinds' }),
    subscription: value(subscriptionId, 'only about this subscription', {
      field: 'subscription_id',
    }),
    ...range,
    ...paging,
  },
  examples: [{ line: 'dead-letters incidents', note: 'what goes on' }],
});

const runners = () => import('../run/dead-letters.ts');
const rejected = () => import('../run/rejected.ts');

export const deadLetterCommands = {
  name: 'dead-letters',
  summary: 'See what failed, and put it right',
  commands: [
    defineCommand(listSpec, async () => (await runners()).listDeadLetters),
    defineCommand(getSpec, async () => (await runners()).getDeadLetter),
    defineCommand(redriveSpec, async () => (await runners()).redriveDeadLetters),
    defineCommand(discardSpec, async () => (await runners()).discardDeadLetters),
    defineCommand(rejectedSpec, async () => (await rejected()).listRejected),
    defineCommand(resubmitSpec, async () => (await rejected()).resubmitRejected),
    defineCommand(incidentsSpec, async () => (await rejected()).listIncidents),
  ],
};
