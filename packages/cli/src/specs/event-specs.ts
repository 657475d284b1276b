import { defineCommand, defineSpec } from '../command/command.ts';
import { flag, list, required, value } from '../command/option.ts';
import { choice, duration, jsonObject, path, text, time } from '../command/value-types.ts';
import {
  eventId,
  PHASES,
  paging,
  pattern,
  phases,
  range,
  STATUSES,
  statuses,
  subject,
} from './common.ts';

const types = list(pattern, 'only of these types', { field: 'types' });

export const publishSpec = defineSpec({
  name: 'events publish',
  summary: 'Publishes an event over NATS, as an agent, and waits for its confirmation',
  details:
    'It connects with the credentials of an agent: those of the running stack, or --creds with --nats. The data is sent byte for byte as it is given.',
  arguments: {
    type: required(text('type', 'an event type such as server.started'), 'the event type'),
  },
  options: {
    data: value(jsonObject(), 'the payload, a JSON object', { fallback: '{}' }),
    'data-file': value(
      path('the path of a file, or - for the standard input'),
      'a file with the payload instead',
    ),
    id: value(text('id'), 'your own id of the event: a repeat of it makes no second event'),
    subject: value(
      text('server'),
      'the server it is about; without it, server_id of the data and the like',
    ),
    status: value(choice(STATUSES), 'how it ended; success without it'),
    phase: value(choice(PHASES), 'before or after it ran; post without it'),
    time: value(time(), 'when it happened; now without it'),
    nats: value(text('url', 'a URL such as nats://127.0.0.1:4222'), 'where NATS is'),
    creds: value(path('the path of a .creds file'), 'the credentials of the agent'),
    timeout: value(duration(100, 600_000), 'how long to wait for the confirmation', {
      fallback: '30s',
    }),
  },
  examples: [
    {
      line: `events publish server.started --data '{"server_id":"srv_1","name":"web-01"}'`,
      note: 'a server has started',
    },
    {
      line: 'events publish server.backup.completed --status fail --data-file backup.json --id backup-7',
      note: 'a backup failed; run again, it makes no second event',
    },
  ],
});

export const listSpec = defineSpec({
  name: 'events list',
  summary: 'Lists accepted events, the newest first',
  details: 'With --json each has its payload, the text that was published, as data.',
  arguments: {},
  options: {
    type: types,
    subject,
    source: value(text('uri'), 'only of this source', { field: 'source' }),
    status: statuses,
    phase: phases,
    ...range,
    ...paging,
  },
  examples: [
    {
      line: "events list --type 'server.*' --from 24h",
      note: 'what happened to servers within a day',
    },
    { line: 'events list --subject srv_1 --status fail --json', note: 'what failed of one server' },
  ],
});

export const getSpec = defineSpec({
  name: 'events get',
  summary: 'Shows an event with its payload',
  arguments: { id: required(eventId, 'the event', { field: 'id' }) },
  options: {},
  examples: [{ line: 'events get evt_01m80mhnjaezf9xes17zhek7jq', note: 'one event' }],
});

export const tailSpec = defineSpec({
  name: 'events tail',
  summary: 'Shows events as they are accepted, until Ctrl-C',
  details:
    'It outlives restarts of the server, and shows then what was accepted meanwhile. With --json each event is one line.',
  arguments: {},
  options: {
    type: types,
    subject,
    since: value(time(), 'begin with events accepted from this time on; with new ones without it'),
    data: flag('show the payloads'),
  },
  examples: [
    { line: "events tail --type 'server.backup.*' --data", note: 'backups, with their data' },
    { line: 'events tail --since 10m --json', note: 'the last ten minutes, and on' },
  ],
});

const runners = () => import('../run/events.ts');

export const eventCommands = {
  name: 'events',
  summary: 'Publish events and look at those accepted',
  commands: [
    defineCommand(publishSpec, async () => (await import('../run/publish-event.ts')).publishEvent),
    defineCommand(listSpec, async () => (await runners()).listEvents),
    defineCommand(getSpec, async () => (await runners()).getEvent),
    defineCommand(tailSpec, async () => (await runners()).tailEvents),
  ],
};
