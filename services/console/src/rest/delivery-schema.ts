import { DeliveryState, Outcome } from '@hookline/contracts';
import { exampleIds, exampleTime } from './examples.ts';
import {
  about,
  component,
  count,
  instantOrNone,
  oneOf,
  record,
  text,
  textOrNone,
} from './schema-parts.ts';

const attemptExample = {
  id: exampleIds.attempt,
  number: 1,
  started_at: exampleTime,
  duration_ms: 41.2,
  url: 'https://yourapp.com/webhooks/cdhosting',
  outcome: 'http_error',
  http_status: 500,
  response_body: 'database is away',
  response_body_encoding: 'text',
  error: 'the receiver answered 500',
  trace_id: exampleIds.trace,
  replay_id: null,
};

/** One HTTP request of a delivery. */
export const attemptSchema = component(
  'Attempt',
  record({
    id: about(text, 'The id, `att_…`.'),
    number: about(count, 'Its number among the delivery’s attempts, from 1.'),
    started_at: instantOrNone,
    duration_ms: {
      type: ['number', 'null'],
      description: 'From connect to the end of the response.',
    },
    url: about(text, 'Where the request went.'),
    outcome: about(oneOf(Outcome, 'OUTCOME_'), 'How it ended.'),
    http_status: {
      type: ['integer', 'null'],
      description: 'The response’s status; null without one.',
    },
    response_body: about(text, 'The response’s body, its first 2 KiB.'),
    response_body_encoding: { type: 'string', enum: ['text', 'base64'] },
    error: about(textOrNone, 'What went wrong and how to mend it; null after a success.'),
    trace_id: about(textOrNone, 'The W3C trace id.'),
    replay_id: about(textOrNone, 'The replay or redrive that asked for it.'),
  }),
  attemptExample,
);

const members = {
  id: about(text, 'The id, `dlv_…`: the `webhook-id` of every attempt.'),
  event_id: text,
  webhook_id: text,
  type: about(text, 'The event’s type.'),
  state: oneOf(DeliveryState, 'DELIVERY_STATE_'),
  attempts_count: count,
  next_attempt_at: about(instantOrNone, 'When the next attempt is due; null when none is.'),
  created_at: instantOrNone,
} as const;

const deliveryExample = {
  id: exampleIds.delivery,
  event_id: exampleIds.event,
  webhook_id: exampleIds.webhook,
  type: 'server.started',
  state: 'scheduled',
  attempts_count: 1,
  next_attempt_at: exampleTime,
  created_at: exampleTime,
};

/** A delivery by itself, as a retry answers it. */
export const deliverySchema = component('Delivery', record(members), deliveryExample);

/** A delivery of a list, with its last attempt where that is asked for. */
export const listedDeliverySchema = component(
  'ListedDelivery',
  {
    ...record(members),
    properties: {
      ...members,
      last_attempt: {
        anyOf: [attemptSchema, { type: 'null' }],
        description: 'Only with `include=last_attempt`.',
      },
    },
  },
  deliveryExample,
);

/** A delivery with all its attempts. */
export const deliveryWithAttemptsSchema = component(
  'DeliveryWithAttempts',
  record({
    ...members,
    attempts: {
      type: 'array',
      items: attemptSchema,
      description: 'The first one first; of more than 500, the last 500.',
    },
  }),
  { ...deliveryExample, attempts: [attemptExample] },
);
