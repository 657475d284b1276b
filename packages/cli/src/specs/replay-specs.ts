import { defineCommand, defineSpec } from '../command/command.ts';
import { flag, list, required, value } from '../command/option.ts';
import { choice, decimal, id, text, time } from '../command/value-types.ts';
import {
  PHASES,
  paging,
  pattern,
  REPLAY_STATES,
  requestId,
  STATUSES,
  subscriptionId,
} from './common.ts';

const SUB = 'sub_01m80mhnh3e85tvw1gzgw007n1';
const RPL = 'rpl_01m80mhnjaffrvypezm8ya8rax';
const FILTER = 'replay.source.events.filter';

export const rate = value(decimal(0.1, 10_000), 'deliveries a second at most', {
  field: 'deliveries_per_second',
});
export const wait = flag('wait until it has ended, with a progress bar on a terminal');
export const description = value(text('text'), 'why, for people and the audit log', {
  field: 'description',
});
export const waitExitCodes = { 1: 'it failed or was cancelled (with --wait)' };

export const createSpec = defineSpec({
  name: 'replays create',
  summary: 'Delivers a range of past events to a subscription again',
  details:
    'A durable job: every delivery keeps its webhook-id. Without --event, --status, --phase and --subject, the subscription’s own filter counts.',
  arguments: {
    subscription: required(subscriptionId, 'who gets them', {
      field: 'replay.events.subscription_id',
    }),
  },
  options: {
    from: required(time(), 'from this acceptance time on', { field: 'replay.events.start_time' }),
    to: value(time(), 'up to this time; now without it', { field: 'replay.events.end_time' }),
    event: list(pattern, 'which events', { field: `${FILTER}.types` }),
    status: list(choice(STATUSES), 'which endings', { field: `${FILTER}.statuses` }),
    phase: list(choice(PHASES), 'which phases', { field: `${FILTER}.phases` }),
    subject: list(text('server'), 'which servers', { field: `${FILTER}.subjects` }),
    'undelivered-only': flag('leave out what the subscription has already received'),
    rate,
    description,
    wait,
    'request-id': requestId,
  },
  examples: [
    {
      line: `replays create ${SUB} --from 24h --undelivered-only --wait`,
      note: 'what was missed today',
    },
    {
      line: `replays create ${SUB} --from 2026-11-20 --to 2026-11-21 --event 'server.*' --rate 10`,
      note: 'a day, ten a second',
    },
  ],
  exitCodes: waitExitCodes,
});

export const listSpec = defineSpec({
  name: 'replays list',
  summary: 'Lists replays and redrives, the newest first',
  arguments: {},
  options: {
    subscription: value(subscriptionId, 'only to this subscription', { field: 'subscription_id' }),
    state: list(choice(REPLAY_STATES), 'only in these states', { field: 'states' }),
    ...paging,
  },
  examples: [{ line: 'replays list --state running', note: 'what is under way' }],
});

export const getSpec = defineSpec({
  name: 'replays get',
  summary: 'Shows a replay or redrive with its progress',
  arguments: { id: required(id('rpl'), 'the replay', { field: 'id' }) },
  options: { wait },
  examples: [{ line: `replays get ${RPL} --wait`, note: 'until it has ended' }],
  exitCodes: waitExitCodes,
});

export const cancelSpec = defineSpec({
  name: 'replays cancel',
  summary: 'Stops a replay or redrive; what it handed to delivery goes on',
  arguments: { id: required(id('rpl'), 'the replay', { field: 'id' }) },
  options: {},
  examples: [{ line: `replays cancel ${RPL}`, note: 'no further deliveries of it' }],
});

const runners = () => import('../run/replays.ts');

export const replayCommands = {
  name: 'replays',
  summary: 'Deliver past events again',
  commands: [
    defineCommand(createSpec, async () => (await runners()).createReplay),
    defineCommand(listSpec, async () => (await runners()).listReplays),
    defineCommand(getSpec, async () => (await runners()).getReplay),
    defineCommand(cancelSpec, async () => (await runners()).cancelReplay),
  ],
};
