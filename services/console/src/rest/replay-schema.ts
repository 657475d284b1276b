import { GrpcPhase, GrpcStatus, Outcome, ReplayState } from '@hookline/contracts';
import { exampleIds, exampleTime } from './examples.ts';
import {
  about,
  component,
  count,
  instant,
  instantOrNone,
  oneOf,
  record,
  text,
  textOrNone,
  texts,
} from './schema-parts.ts';

const statuses = { ...texts, items: oneOf(GrpcStatus, 'STATUS_') } as const;
const phases = { ...texts, items: oneOf(GrpcPhase, 'PHASE_') } as const;
const pace = about(
  { type: 'number', minimum: 0, maximum: 1e9 },
  'Deliveries a second at most, 0.1 to 10,000. Without it, as fast as endpoints and fresh events allow.',
);

/** What the narrowing members mean is the same in a replay's request and in its answer. */
const selected = {
  events: about(
    texts,
    'Event types and patterns. None of these: what the webhook’s filter matches.',
  ),
  statuses,
  phases,
  subjects: about(texts, 'Servers.'),
} as const;

/** The body of `POST /v1/replays`. */
export const replayInputSchema = component(
  'ReplayInput',
  {
    type: 'object',
    additionalProperties: false,
    required: ['webhook_id', 'from'],
    properties: {
      webhook_id: about(text, 'The webhook that gets the events.'),
      from: about(instant, 'From this acceptance time on, itself included.'),
      to: about(instant, 'Up to this acceptance time, itself excluded. Default: now.'),
      ...selected,
      undelivered_only: about(
        { type: 'boolean' },
        'Leave out events that the webhook has already received.',
      ),
      deliveries_per_second: pace,
      description: about(text, 'Why, for people and the audit log.'),
    },
  },
  { webhook_id: exampleIds.webhook, from: '2026-11-21T00:00:00Z', to: '2026-11-22T00:00:00Z' },
);

const progress = record({
  total_count: about(count, 'How many there are to look at; an estimate while it runs.'),
  scanned_count: count,
  enqueued_count: count,
  succeeded_count: count,
  failed_count: count,
});

const filter = {
  type: 'object',
  description: 'The dead letters’ filter, of a redrive by filter.',
  additionalProperties: false,
  properties: {
    webhook_id: texts,
    type: texts,
    subject: texts,
    outcome: { ...texts, items: oneOf(Outcome, 'OUTCOME_') },
    incident_id: text,
    from: instantOrNone,
    to: instantOrNone,
  },
} as const;

const base = record({
  id: about(text, 'The id, `rpl_…`.'),
  kind: about({ type: 'string', enum: ['events', 'dead_letters'] }, 'What is delivered again.'),
  state: oneOf(ReplayState, 'REPLAY_STATE_'),
  description: text,
  deliveries_per_second: { type: ['number', 'null'] },
  progress,
  error: about(textOrNone, 'Why it failed, else null.'),
  creator: about(text, 'Who asked for it.'),
  created_at: instantOrNone,
  began_at: instantOrNone,
  ended_at: instantOrNone,
});

/** A replay, or a redrive of dead letters, with its progress. */
export const replaySchema = component(
  'Replay',
  {
    ...base,
    properties: {
      ...(base.properties as object),
      webhook_id: about(text, 'Of a replay of events: the webhook that gets them.'),
      from: instantOrNone,
      to: instantOrNone,
      ...selected,
      undelivered_only: { type: 'boolean' },
      ids: about(texts, 'Of a redrive by ids: the dead letters.'),
      filter,
    },
  },
  {
    id: exampleIds.replay,
    kind: 'events',
    webhook_id: exampleIds.webhook,
    from: '2026-11-21T00:00:00.000Z',
    to: '2026-11-22T00:00:00.000Z',
    undelivered_only: false,
    state: 'running',
    description: '',
    deliveries_per_second: null,
    progress: {
      total_count: 1200,
      scanned_count: 800,
      enqueued_count: 310,
      succeeded_count: 300,
      failed_count: 0,
    },
    error: null,
    creator: 'key_01m80mhnh3e85tvw1gzgw007n1',
    created_at: exampleTime,
    began_at: exampleTime,
    ended_at: null,
  },
);
