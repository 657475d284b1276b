import type { DispatchableEvent, EventDraft } from '@hookline/contracts';
import type pg from 'pg';
import { withPartitions } from './partitions.ts';

/** An event to append: checked, with its id and idempotency key given. */
export interface EventToAppend extends EventDraft {
  /** `evt_…`, made by the caller, so that a repeat of this very append is recognised. */
  readonly eventId: string;
  /** SHA-256 that names the message for ever, see idempotencyKey(). */
  readonly key: Buffer;
  /** What the sequence counts in, see lineOf(). */
  readonly line: string;
}

/** What became of one event: now in the log, or there already under the ids of the first time. */
export type Appended =
  | ({ readonly kind: 'appended' } & DispatchableEvent)
  | { readonly kind: 'repeated'; readonly eventId: string; readonly position: bigint };

/** The lease under which a writer appends; an older epoch than the lease's is refused. */
export interface Fence {
  readonly lease: string;
  readonly epoch: bigint;
}

/** The writer's lease has been taken over: it must stop appending. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
}

interface AppendedRow {
  readonly key: Buffer;
  readonly event_id: string;
  readonly position: bigint;
  readonly sequence: bigint;
  readonly subscription_epoch: bigint;
  readonly recorded_at: Date;
  readonly time: string;
}

/**
 * Keys, sequences, outbox and log in one statement.
 *
 * Every multi-row write is sorted by its key: unsorted, two writers deadlock at once. Keys of
 * earlier days are looked up; in the first minute of a day (no statement lasts so long) a key is
 * written for the day before as well, so that two transactions on either side of midnight cannot
 * both be the first. $14 and $15 are the fence, NULL without one.
 *
 * The log is read in the order of transaction ids, and a transaction gets its id at its first write.
 * So a writer locks its lines before it writes at all, by advisory locks, which take no id: of two
 * writers of one line, the one that numbers first has the smaller id, and a line's events are read
 * in their sequence.
 */
const APPEND = `
WITH in_turn AS MATERIALIZED (
  SELECT count(pg_advisory_xact_lock(l.id)) AS locks FROM (
    SELECT DISTINCT hashtextextended(u.line, 0) AS id FROM unnest($3::text[]) AS u(line) ORDER BY id
  ) l
), fence AS (
  SELECT 1 FROM hookline.lease WHERE name = $14 AND epoch = $15
    AND (SELECT locks FROM in_turn) > 0 FOR SHARE
), input AS MATERIALIZED (
  SELECT * FROM unnest($1::text[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
    WITH ORDINALITY AS i(event_id, key, line, tenant, source, type, time, subject, phase, status, extensions, data, ord)
  WHERE (SELECT locks FROM in_turn) > 0 AND ($14::text IS NULL OR EXISTS (SELECT FROM fence))
), known AS MATERIALIZED (
  SELECT i.ord FROM input i
  JOIN hookline.idempotency_key k ON k.key = i.key AND k.day >= current_date - $13::int AND k.day < current_date
), numbered AS MATERIALIZED (
  SELECT nextval('hookline.event_position') AS position, i.*
  FROM (SELECT * FROM input WHERE ord NOT IN (SELECT ord FROM known) ORDER BY ord) i
), after_midnight AS (
  INSERT INTO hookline.idempotency_key (key, day, event_id, position)
  SELECT key, current_date - 1, event_id, position FROM numbered WHERE localtime < '00:01' ORDER BY key
  ON CONFLICT DO NOTHING
  RETURNING position
), fresh AS (
  INSERT INTO hookline.idempotency_key (key, day, event_id, position)
  SELECT key, current_date, event_id, position FROM numbered
  WHERE localtime >= '00:01' OR position IN (SELECT position FROM after_midnight) ORDER BY key
  ON CONFLICT DO NOTHING
  RETURNING position
), accepted AS MATERIALIZED (
  SELECT n.*, row_number() OVER (PARTITION BY n.line ORDER BY n.ord) AS place
  FROM numbered n JOIN fresh f ON f.position = n.position
), counts AS MATERIALIZED (
  SELECT line, count(*) AS added FROM accepted GROUP BY line
), versions AS (
  INSERT INTO hookline.stream_version AS s (stream, version)
  SELECT line, added FROM counts ORDER BY line
  ON CONFLICT (stream) DO UPDATE SET version = s.version + excluded.version
  RETURNING stream, version
), settings AS MATERIALIZED (
  SELECT (SELECT value FROM hookline.log_epoch) AS log_epoch,
    (SELECT value FROM hookline.subscription_epoch) AS subscription_epoch,
    date_trunc('milliseconds', now()) AS recorded_at,
    to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS time
), complete AS MATERIALIZED (
  SELECT a.*, v.version - c.added + a.place AS sequence
  FROM accepted a JOIN counts c USING (line) JOIN versions v ON v.stream = a.line
), logged AS (
  INSERT INTO hookline.event_log (log_epoch, position, kind, recorded_at, stream, version, event_id,
    tenant, source, type, time, subject, phase, status, extensions, data)
  SELECT s.log_epoch, c.position, 'server', s.recorded_at, c.line, c.sequence, c.event_id,
    c.tenant, c.source, c.type, coalesce(c.time, s.time), c.subject, c.phase, c.status, c.extensions, c.data
  FROM complete c, settings s ORDER BY c.position
), queued AS (
  INSERT INTO hookline.outbox (position, event_id, recorded_at, line, sequence, subscription_epoch)
  SELECT c.position, c.event_id, s.recorded_at, c.line, c.sequence, s.subscription_epoch
  FROM complete c, settings s ORDER BY c.position
)
SELECT c.key, c.event_id, c.position, c.sequence, s.subscription_epoch, s.recorded_at,
  coalesce(c.time, s.time) AS time
FROM complete c, settings s`;

const FIRST_OF_KEYS = `
SELECT DISTINCT ON (k.key) k.key, k.event_id, k.position
FROM hookline.idempotency_key k
WHERE k.key = ANY($1::bytea[]) AND k.day >= current_date - $2::int
ORDER BY k.key, k.day`;

export interface AppendOptions {
  /** How many days back a key is known, HOOKLINE_DEDUPE_DAYS. */
  readonly dedupeDays: number;
  readonly fence?: Fence;
}

/**
 * Appends events in their order, in one commit. Results come in the same order.
 *
 * A key met before, in the log or earlier in this very batch, makes no second event: its first one
 * is named. Throws FencedError when the fence has fallen, and whatever Postgres throws, in which
 * case nothing was appended or, after a broken connection, perhaps everything: the same call again
 * then answers with `repeated` and the ids given here.
 */
export async function appendEvents(
  pool: pg.Pool,
  events: readonly EventToAppend[],
  options: AppendOptions,
): Promise<Appended[]> {
  const unique = firstOfEachKey(events);
  const values = [
    ...columns(unique),
    options.dedupeDays,
    options.fence?.lease,
    options.fence?.epoch,
  ];
  const { rows } = await withPartitions(pool, () =>
    pool.query<AppendedRow>({ name: 'append-events', text: APPEND, values }),
  );
  const appended = new Map(rows.map((row) => [row.event_id, row]));
  const missing = events.filter((event) => !appended.has(event.eventId));
  const firsts = await findFirsts(pool, missing, options);
  return events.map((event) => {
    const row = appended.get(event.eventId);
    if (row !== undefined) return { kind: 'appended', ...dispatchable(event, row) };
    const first = firsts.get(event.key.toString('hex'));
    if (first === undefined) {
      throw new FencedError(`lease "${options.fence?.lease ?? ''}" has been taken over`);
    }
    return { kind: 'repeated', eventId: first.event_id, position: first.position };
  });
}

function firstOfEachKey(events: readonly EventToAppend[]): EventToAppend[] {
  const keys = new Set<string>();
  return events.filter((event) => {
    const key = event.key.toString('latin1');
    if (keys.has(key)) return false;
    keys.add(key);
    return true;
  });
}

function columns(events: readonly EventToAppend[]): unknown[] {
  return [
    events.map((event) => event.eventId),
    events.map((event) => event.key),
    events.map((event) => event.line),
    events.map((event) => event.tenant),
    events.map((event) => event.source),
    events.map((event) => event.type),
    events.map((event) => event.time ?? null),
    events.map((event) => event.subject ?? null),
    events.map((event) => event.phase),
    events.map((event) => event.status ?? null),
    events.map((event) => JSON.stringify(event.extensions)),
    events.map((event) => event.data),
  ];
}

async function findFirsts(
  pool: pg.Pool,
  events: readonly EventToAppend[],
  options: AppendOptions,
): Promise<Map<string, { event_id: string; position: bigint }>> {
  if (events.length === 0) return new Map();
  const { rows } = await pool.query<{ key: Buffer; event_id: string; position: bigint }>({
    name: 'first-of-keys',
    text: FIRST_OF_KEYS,
    values: [events.map((event) => event.key), options.dedupeDays],
  });
  return new Map(rows.map((row) => [row.key.toString('hex'), row]));
}

function dispatchable(event: EventToAppend, row: AppendedRow): DispatchableEvent {
  const { eventId, key: _, line, ...draft } = event;
  return {
    event: {
      ...draft,
      id: eventId,
      time: row.time,
      position: row.position,
      recordedAt: row.recorded_at,
      sequence: row.sequence,
    },
    subscriptionEpoch: Number(row.subscription_epoch),
    line,
  };
}
