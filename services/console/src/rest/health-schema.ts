import { BreakerState, Outcome, State } from '@hookline/contracts';
import { attemptSchema } from './delivery-schema.ts';
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

const msOrNone = { type: ['number', 'null'] } as const;

const statisticsSchema = component(
  'AttemptStatistics',
  record({
    window_seconds: about(count, 'The window’s length; it ends now.'),
    attempts_count: count,
    succeeded_count: count,
    failures: {
      type: 'array',
      description: 'Failed attempts by outcome.',
      items: record({ outcome: oneOf(Outcome, 'OUTCOME_'), count }),
    },
    latency_p50_ms: msOrNone,
    latency_p95_ms: msOrNone,
    latency_p99_ms: msOrNone,
  }),
  {
    window_seconds: 3600,
    attempts_count: 120,
    succeeded_count: 118,
    failures: [{ outcome: 'timeout', count: 2 }],
    latency_p50_ms: 41.2,
    latency_p95_ms: 90,
    latency_p99_ms: 15_000,
  },
);

const blockedLineSchema = component(
  'BlockedLine',
  record({
    subject: about(textOrNone, 'The server; null for the line of a host.'),
    delivery_id: about(text, 'The delivery at the head of the line.'),
    sequence: about(text, 'The sequence of the head’s event.'),
    waiting_count: about(count, 'How many deliveries wait behind it.'),
    blocked_at: instantOrNone,
    next_attempt_at: instantOrNone,
  }),
  {
    subject: 'srv_abc123',
    delivery_id: exampleIds.delivery,
    sequence: '00000000000000000007',
    waiting_count: 3,
    blocked_at: exampleTime,
    next_attempt_at: exampleTime,
  },
);

/** How an endpoint fares. */
export const healthSchema = component(
  'WebhookHealth',
  record({
    webhook_id: text,
    state: oneOf(State, 'STATE_'),
    disabled_reason: textOrNone,
    disabled_at: instantOrNone,
    breaker_state: about(
      { type: 'string', enum: ['unknown', ...oneOf(BreakerState, 'BREAKER_STATE_').enum] },
      'The circuit breaker; `unknown` when nothing was sent lately.',
    ),
    blocked_until: about(instantOrNone, 'Until when nothing is sent; null when nothing holds it.'),
    concurrency_limit: count,
    in_flight_count: count,
    requests_per_second_limit: about({ type: 'number' }, '0 means no limit.'),
    waiting_count: about(count, 'Deliveries that wait for an attempt.'),
    oldest_waiting_at: instantOrNone,
    next_attempt_at: instantOrNone,
    dead_letters_count: count,
    consecutive_failures_count: count,
    last_success_at: instantOrNone,
    last_failure_at: instantOrNone,
    last_attempt: { anyOf: [attemptSchema, { type: 'null' }] },
    statistics: {
      type: 'array',
      items: statisticsSchema,
      description: 'The last hour and the last 24 hours.',
    },
    blocked_lines: {
      type: 'array',
      items: blockedLineSchema,
      description: 'Servers whose events wait behind a failing one, with ordering per server.',
    },
  }),
  {
    webhook_id: exampleIds.webhook,
    state: 'active',
    disabled_reason: null,
    disabled_at: null,
    breaker_state: 'closed',
    blocked_until: null,
    concurrency_limit: 64,
    in_flight_count: 2,
    requests_per_second_limit: 0,
    waiting_count: 0,
    oldest_waiting_at: null,
    next_attempt_at: null,
    dead_letters_count: 0,
    consecutive_failures_count: 0,
    last_success_at: exampleTime,
    last_failure_at: null,
    last_attempt: null,
    statistics: statisticsSchema.examples,
    blocked_lines: [],
  },
);
