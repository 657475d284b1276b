import type { AcceptedEvent } from '@hookline/contracts';
import type pg from 'pg';
import {
  bigintArray,
  doubleArray,
  integerArray,
  textArray,
  timestampArray,
} from './binary-arrays.ts';
import { withPartitions } from './partitions.ts';

/** One HTTP request of a delivery, as it goes on record. */
export interface AttemptToRecord {
  readonly attemptId: string;
  readonly deliveryId: string;
  readonly subscriptionId: string;
  readonly event: AcceptedEvent;
  /** From 1, attempts of unknown outcome included. */
  readonly number: number;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly url: string;
  readonly outcome: string;
  readonly httpStatus?: number | undefined;
  readonly responseBody?: { readonly text: string; readonly encoding: string } | undefined;
  readonly error?: string | undefined;
  readonly traceId: string;
  /** The replay that asked for it. */
  readonly replayId?: string | undefined;
  /** What the delivery came to by it. */
  readonly deliveryState: string;
  readonly nextAttemptAt?: Date | undefined;
}

/**
 * The part of a statement that puts attempts on record: an INSERT of the arrays of attemptColumns(),
 * whose first is the parameter `first`; the dispatcher is the parameter `dispatcher`. Where attempts
 * may be a replay's, the parameter `replays` is replayColumn().
 */
export function insertAttempts(parameters: {
  readonly dispatcher: number;
  readonly first: number;
  readonly replays?: number;
}): string {
  const types = [
    ...['text', 'text', 'text', 'text', 'text', 'text', 'timestamptz', 'text', 'bigint', 'int'],
    ...['timestamptz', 'float8', 'text', 'text', 'int', 'text', 'text', 'text', 'text', 'text'],
    'timestamptz',
  ];
  const { replays } = parameters;
  const arrays = types.map((type, index) => `$${parameters.first + index}::${type}[]`);
  if (replays !== undefined) arrays.push(`$${replays}::text[]`);
  return `INSERT INTO hookline.attempt_log (dispatcher_id, attempt_id, delivery_id, subscription_id, tenant,
    event_id, event_type, event_recorded_at, subject, sequence, number, started_at, duration_ms, url, outcome,
    http_status, response_body, response_body_encoding, error, trace_id, delivery_state,
    next_attempt_at${replays === undefined ? '' : ', replay_id'})
  SELECT $${parameters.dispatcher}::text, a.* FROM unnest(${arrays.join(', ')}) AS a`;
}

/** The arrays that insertAttempts() takes, 21 parameters. */
export function attemptColumns(attempts: readonly AttemptToRecord[]): readonly Buffer[] {
  const events = attempts.map((attempt) => attempt.event);
  return [
    textArray(attempts.map((attempt) => attempt.attemptId)),
    textArray(attempts.map((attempt) => attempt.deliveryId)),
    textArray(attempts.map((attempt) => attempt.subscriptionId)),
    textArray(events.map((event) => event.tenant)),
    textArray(events.map((event) => event.id)),
    textArray(events.map((event) => event.type)),
    timestampArray(events.map((event) => event.recordedAt)),
    textArray(events.map((event) => event.subject)),
    bigintArray(events.map((event) => event.sequence)),
    integerArray(attempts.map((attempt) => attempt.number)),
    timestampArray(attempts.map((attempt) => attempt.startedAt)),
    doubleArray(attempts.map((attempt) => attempt.durationMs)),
    textArray(attempts.map((attempt) => attempt.url)),
    textArray(attempts.map((attempt) => attempt.outcome)),
    integerArray(attempts.map((attempt) => attempt.httpStatus)),
    textArray(attempts.map((attempt) => attempt.responseBody?.text)),
    textArray(attempts.map((attempt) => attempt.responseBody?.encoding)),
    textArray(attempts.map((attempt) => attempt.error)),
    textArray(attempts.map((attempt) => attempt.traceId)),
    textArray(attempts.map((attempt) => attempt.deliveryState)),
    timestampArray(attempts.map((attempt) => attempt.nextAttemptAt)),
  ];
}

/** The replays that asked for these attempts, for insertAttempts(). */
export function replayColumn(attempts: readonly AttemptToRecord[]): Buffer {
  return textArray(attempts.map((attempt) => attempt.replayId));
}

const SETTLE = `
WITH settled AS (DELETE FROM hookline.outbox WHERE position = ANY($1::bigint[]))
${insertAttempts({ dispatcher: 2, first: 3 })}`;

/**
 * Settles events whose deliveries all came to their end at the first attempt, in one statement and so
 * one commit: their outbox rows go, and the attempts are on record.
 *
 * This is nearly every event. What waits, is given up or was claimed takes the dispatcher's larger
 * statement.
 */
export async function settleWithAttempts(
  pool: pg.Pool,
  settled: {
    readonly dispatcherId: string;
    readonly positions: readonly bigint[];
    readonly attempts: readonly AttemptToRecord[];
  },
): Promise<void> {
  const values = [
    bigintArray(settled.positions),
    settled.dispatcherId,
    ...attemptColumns(settled.attempts),
  ];
  await withPartitions(pool, () =>
    pool.query({ name: 'settle-with-attempts', text: SETTLE, values }),
  );
}
