import { lineOf, newId } from '@hookline/contracts';
import {
  appendEvents,
  type Database,
  type EventToAppend,
  openDatabase,
  ownKey,
} from '@hookline/event-log';
import { measureInTurns } from './in-turns.ts';
import { sampleData } from './sample.ts';

/** Rows of one write, of appends as of attempts. */
export const BATCHES = [1, 10, 100, 500] as const;

/** One batch size: rows a second by Hookline's append, and by a bare insert of the same rows. */
export interface AppendRate {
  readonly batch: number;
  readonly appendsPerSecond: number;
  readonly barePerSecond: number;
  /** Median of the rounds' ratios, each of two neighbours in time. */
  readonly ratio: number;
}

export interface WriteOptions {
  readonly postgresUrl: string;
  readonly secondsEach: number;
  readonly rounds: number;
  readonly signal: AbortSignal;
}

const SERVERS = 100;
const DEDUPE_DAYS = 7;

/**
 * Appends by one writer, on a stack that has nothing else to do. The bare insert takes turns with it,
 * batch by batch: one table, columns and indexes as the log's.
 */
export async function measureAppends(options: WriteOptions): Promise<AppendRate[]> {
  const { postgresUrl: url } = options;
  await using database = openDatabase({ url, role: 'hookline_service', maxConnections: 1 });
  await using bare = openDatabase({ url, maxConnections: 1 });
  await bare.pool.query(
    'CREATE TABLE bare_log (LIKE hookline.event_log INCLUDING DEFAULTS INCLUDING INDEXES)',
  );
  const write = { write: appending(database), bare: inserting(bare), make: makeEvents };
  const rates: AppendRate[] = [];
  for (const batch of BATCHES) {
    const { perSecond, ...beside } = await measureInTurns({ ...options, ...write, batch });
    rates.push({ batch, appendsPerSecond: perSecond, ...beside });
  }
  return rates;
}

/** Events of a hundred servers. */
export function makeEvents(count: number, first: number): EventToAppend[] {
  return Array.from({ length: count }, (_, index) => makeEvent(first + index));
}

function makeEvent(number: number): EventToAppend {
  const server = number % SERVERS;
  const eventId = newId('evt');
  const subject = `srv_${server}`;
  return {
    eventId,
    key: ownKey(eventId),
    line: lineOf('default', subject, 'node-1'),
    tenant: 'default',
    source: '/hosts/node-1',
    type: 'server.started',
    time: '2025-01-15T10:30:00Z',
    subject,
    phase: 'post',
    status: 'success',
    extensions: {},
    data: sampleData({ server, publishedUs: number }),
  };
}

export function appending({ pool }: Database) {
  return (events: readonly EventToAppend[]) =>
    appendEvents(pool, events, { dedupeDays: DEDUPE_DAYS });
}

const BARE = `
INSERT INTO bare_log (log_epoch, position, kind, recorded_at, stream, version, event_id, tenant, source,
  type, time, subject, phase, status, extensions, data)
SELECT 1, b.position, 'server', now(), b.stream, b.version, b.event_id, b.tenant, b.source,
  b.type, b.time, b.subject, b.phase, b.status, b.extensions, b.data
FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
  $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[])
  AS b(position, stream, version, event_id, tenant, source, type, time, subject, phase, status, extensions, data)`;

function inserting({ pool }: Database) {
  let position = 0;
  return (events: readonly EventToAppend[]) => {
    const first = position;
    position += events.length;
    return pool.query({
      name: 'bare-insert',
      text: BARE,
      values: [
        events.map((_, index) => first + index),
        events.map((event) => event.line),
        events.map((_, index) => first + index),
        events.map((event) => event.eventId),
        events.map((event) => event.tenant),
        events.map((event) => event.source),
        events.map((event) => event.type),
        events.map((event) => event.time),
        events.map((event) => event.subject),
        events.map((event) => event.phase),
        events.map((event) => event.status),
        events.map((event) => JSON.stringify(event.extensions)),
        events.map((event) => event.data),
      ],
    });
  };
}
