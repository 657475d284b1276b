import { DeadLetterCause, DeadLetterState, Outcome } from '@hookline/contracts';
import { attemptSchema } from './delivery-schema.ts';
import type { JsonSchema } from './describe-route.ts';
import { eventSchema } from './event-schema.ts';
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
} from './schema-parts.ts';

const members = {
  id: about(text, 'The id, which is the delivery’s (`dlv_…`).'),
  event_id: text,
  webhook_id: about(textOrNone, 'Null for an event that was never matched with webhooks.'),
  type: text,
  subject: textOrNone,
  state: about(oneOf(DeadLetterState, 'DEAD_LETTER_STATE_'), 'What became of it.'),
  cause: about(oneOf(DeadLetterCause, 'DEAD_LETTER_CAUSE_'), 'Why the delivery was given up.'),
  attempts_count: count,
  last_attempt: { anyOf: [attemptSchema, { type: 'null' }] },
  suggestion: about(text, 'What to do about it.'),
  incident_id: textOrNone,
  replay_id: about(textOrNone, 'The redrive that tries or tried it again.'),
  discard_reason: textOrNone,
  created_at: about(instantOrNone, 'When the delivery was given up.'),
  updated_at: instantOrNone,
} as const;

const example = {
  id: exampleIds.delivery,
  event_id: exampleIds.event,
  webhook_id: exampleIds.webhook,
  type: 'server.started',
  subject: 'srv_abc123',
  state: 'open',
  cause: 'attempts_exhausted',
  attempts_count: 5,
  last_attempt: null,
  suggestion: 'The receiver answered 500 five times. Mend it, then redrive.',
  incident_id: null,
  replay_id: null,
  discard_reason: null,
  created_at: exampleTime,
  updated_at: exampleTime,
};

/** A delivery given up. */
export const deadLetterSchema = component('DeadLetter', record(members), example);

/** A dead letter with what led to it. */
export const deadLetterWithHistorySchema = component(
  'DeadLetterWithHistory',
  record({
    ...members,
    event: {
      anyOf: [eventSchema, { type: 'null' }],
      description: 'Null when it is past the retention time.',
    },
    attempts: { type: 'array', items: attemptSchema },
  }),
  { ...example, event: null, attempts: [] },
);

const oneOrSeveral = (items: JsonSchema, description: string): JsonSchema => ({
  ...items,
  type: ['string', 'array'],
  maxItems: 100,
  items,
  description,
});

const filterSchema = {
  type: 'object',
  description:
    'Open dead letters that meet every member; `{}` selects all. The members are the parameters of `GET /v1/dead-letters`, each one value or a list.',
  additionalProperties: false,
  properties: {
    webhook_id: oneOrSeveral(text, 'Those of these webhooks.'),
    type: oneOrSeveral(text, 'Those of an event of these types or patterns.'),
    subject: oneOrSeveral(text, 'Those about these servers.'),
    outcome: {
      type: ['string', 'array'],
      maxItems: 100,
      items: oneOf(Outcome, 'OUTCOME_'),
      description: 'Those whose last attempt ended so.',
    },
    incident_id: about(text, 'Those of this incident.'),
    from: about(instant, 'Those that died at this time or later.'),
    to: about(instant, 'Those that died before this time.'),
  },
} as const;

const selection = {
  ids: {
    type: 'array',
    minItems: 1,
    maxItems: 1_000,
    items: text,
    description: 'Dead letters by id. An unknown one is 404, and none is touched.',
  },
  filter: filterSchema,
} as const;

/** The body of `POST /v1/dead-letters/discard`: `ids` or `filter`, not both. */
export const discardSchema = component(
  'Discard',
  {
    type: 'object',
    additionalProperties: false,
    required: ['reason'],
    properties: {
      ...selection,
      reason: about(
        { ...text, minLength: 1, maxLength: 500 },
        'Why, for people and the audit log.',
      ),
    },
  },
  { filter: { webhook_id: exampleIds.webhook }, reason: 'the shop was closed' },
);

/** How many dead letters a discard closed. */
export const discardedSchema = component(
  'Discarded',
  record({ discarded_count: about(count, 'Those closed before do not count.') }),
  { discarded_count: 12 },
);

/** The body of `POST /v1/dead-letters/redrive`: `ids` or `filter`, not both. */
export const redriveSchema = component(
  'Redrive',
  {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...selection,
      deliveries_per_second: about(
        { type: 'number', minimum: 0, maximum: 1e9 },
        'Deliveries a second at most, 0.1 to 10,000.',
      ),
      description: about(text, 'Why, for people and the audit log.'),
    },
  },
  { filter: { webhook_id: exampleIds.webhook, outcome: ['timeout', 'http_error'] } },
);
