import { deliveryId, newId } from '@hookline/contracts';
import {
  type AttemptToRecord,
  type Database,
  openDatabase,
  settleWithAttempts,
} from '@hookline/event-log';
import { appending, BATCHES, makeEvents, type WriteOptions } from './append.ts';
import { measureInTurns } from './in-turns.ts';

/** One batch size: attempts a second as the dispatcher records them, and by a bare insert of the same. */
export interface AttemptRate {
  readonly batch: number;
  readonly attemptsPerSecond: number;
  readonly barePerSecond: number;
  /** Median of the rounds' ratios, each of two neighbours in time. */
  readonly ratio: number;
}

const DISPATCHER = 'dsp_bench';
const SUBSCRIPTIONS = 10;

/**
 * First attempts that succeeded, put on record as a dispatcher does, the rows of the outbox settled
 * by it included: each event is in the log before, and has one delivery. The bare insert takes turns
 * with it: one table, columns and indexes as the log of attempts has them.
 */
export async function measureAttempts(options: WriteOptions): Promise<AttemptRate[]> {
  const { postgresUrl: url } = options;
  await using database = openDatabase({ url, role: 'hookline_service', maxConnections: 1 });
  await using bare = openDatabase({ url, maxConnections: 1 });
  await bare.pool.query(
    'CREATE TABLE bare_attempts (LIKE hookline.attempt_log INCLUDING DEFAULTS INCLUDING INDEXES)',
  );
  const write = { write: recording(database), bare: inserting(bare), make: making(database) };
  const rates: AttemptRate[] = [];
  for (const batch of BATCHES) {
    const { perSecond, ...beside } = await measureInTurns({ ...options, ...write, batch });
    rates.push({ batch, attemptsPerSecond: perSecond, ...beside });
  }
  return rates;
}

/** Attempts of events that wait to be settled. */
function making(database: Database) {
  const append = appending(database);
  const subscriptions = Array.from({ length: SUBSCRIPTIONS }, () => newId('sub'));
  return async (count: number, first: number): Promise<AttemptToRecord[]> => {
    const appended = await append(makeEvents(count, first));
    return appended.map((result, index) => {
      if (result.kind !== 'appended') throw new Error('an event of the benchmark was there before');
      const subscriptionId = subscriptions[index % SUBSCRIPTIONS] as string;
      return {
        attemptId: newId('att'),
        deliveryId: deliveryId(result.event.id, subscriptionId),
        subscriptionId,
        event: result.event,
        number: 1,
        startedAt: new Date(),
        durationMs: 1.25,
        url: 'http://127.0.0.1:9000/webhooks/1',
        outcome: 'succeeded',
        httpStatus: 204,
        traceId: '0af7651916cd43dd8448eb211c80319c',
        deliveryState: 'succeeded',
      };
    });
  };
}

function recording({ pool }: Database) {
  return (attempts: readonly AttemptToRecord[]) =>
    settleWithAttempts(pool, {
      dispatcherId: DISPATCHER,
      positions: attempts.map((attempt) => attempt.event.position),
      attempts,
    });
}

const BARE = `
INSERT INTO bare_attempts (dispatcher_id, attempt_id, delivery_id, subscription_id, tenant, event_id, event_type,
  event_recorded_at, subject, sequence, number, started_at, duration_ms, url, outcome, http_status, trace_id,
  delivery_state)
SELECT $1, a.* FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
  $8::timestamptz[], $9::text[], $10::bigint[], $11::int[], $12::timestamptz[], $13::float8[], $14::text[],
  $15::text[], $16::smallint[], $17::text[], $18::text[]) AS a`;

function inserting({ pool }: Database) {
  return (attempts: readonly AttemptToRecord[]) => {
    const events = attempts.map((attempt) => attempt.event);
    return pool.query({
      name: 'bare-attempts',
      text: BARE,
      values: [
        DISPATCHER,
        attempts.map((attempt) => attempt.attemptId),
        attempts.map((attempt) => attempt.deliveryId),
        attempts.map((attempt) => attempt.subscriptionId),
        events.map((event) => event.tenant),
        events.map((event) => event.id),
        events.map((event) => event.type),
        events.map((event) => event.recordedAt.toISOString()),
        events.map((event) => event.subject),
        events.map((event) => event.sequence),
        attempts.map((attempt) => attempt.number),
        attempts.map((attempt) => attempt.startedAt.toISOString()),
        attempts.map((attempt) => attempt.durationMs),
        attempts.map((attempt) => attempt.url),
        attempts.map((attempt) => attempt.outcome),
        attempts.map((attempt) => attempt.httpStatus),
        attempts.map((attempt) => attempt.traceId),
        attempts.map((attempt) => attempt.deliveryState),
      ],
    });
  };
}
