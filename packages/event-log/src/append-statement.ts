/**
 * Keys, sequences, outbox and log in one statement: it appends every event given, or none.
 *
 * None, when the fence has fallen ($17 and $18, NULL without one), or when a key is known: those are
 * answered, and the caller appends the rest. A key that another transaction commits meanwhile makes
 * the statement fail for the primary key. With ON CONFLICT instead, every fresh key would be looked
 * up twice, written three times to the write-ahead log, and joined with the rest: a fifth slower.
 *
 * Keys are written in the order of day and key: unsorted, two writers deadlock at once. In the first
 * minute of a day (no statement lasts so long) a key is written for the day before as well, so that
 * two transactions on either side of midnight cannot both be the first.
 *
 * The log is read in the order of transaction ids, and a transaction gets its id at its first write.
 * So a writer locks its lines before it writes at all, by advisory locks, which take no id: of two
 * writers of one line, the one that numbers first has the smaller id, and a line's events are read
 * in their sequence. Whatever writes, the lock on the lease included, therefore waits for `in_turn`.
 *
 * Lines come sorted by bytes ($1, with their numbers of events in $2), and an event names its line by
 * its place there and says how many of the line follow it: the new top of the line less that is its
 * sequence. An array of fixed width is subscripted at once; a join by line, of which the planner
 * expects ten rows, may become a nested loop.
 */
export const APPEND = `
WITH in_turn AS MATERIALIZED (
  SELECT count(pg_advisory_xact_lock(l.id)) AS locks FROM (
    SELECT hashtextextended(u.line, 0) AS id FROM unnest($1::text[]) AS u(line) ORDER BY id
  ) l
), fence AS MATERIALIZED (
  SELECT 1 FROM hookline.lease WHERE name = $17 AND epoch = $18
    AND (SELECT locks FROM in_turn) > 0 FOR SHARE
), known AS MATERIALIZED (
  SELECT key, event_id, position FROM hookline.known_keys($3::bytea[], $19::int)
), numbered AS MATERIALIZED (
  SELECT nextval('hookline.event_position') AS position, i.*
  FROM unnest($3::bytea[], $4::int[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
    $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[])
    AS i(key, line_place, following, line, event_id, tenant, source, type, time, subject, phase, status, extensions, data)
  WHERE (SELECT locks FROM in_turn) > 0 AND NOT EXISTS (SELECT FROM known)
    AND ($17::text IS NULL OR EXISTS (SELECT FROM fence))
), keyed AS (
  INSERT INTO hookline.idempotency_key (key, day, event_id, position)
  SELECT key, current_date, event_id, position FROM numbered
  UNION ALL SELECT key, current_date - 1, event_id, position FROM numbered WHERE localtime < '00:01'
  ORDER BY 2, 1
), versions AS (
  INSERT INTO hookline.stream_version AS s (stream, version)
  SELECT u.line, u.added FROM unnest($1::text[], $2::int[]) AS u(line, added) WHERE EXISTS (SELECT FROM numbered)
  ON CONFLICT (stream) DO UPDATE SET version = s.version + excluded.version
  RETURNING stream, version
), settings AS MATERIALIZED (
  SELECT (SELECT array_agg(version ORDER BY stream COLLATE "C") FROM versions) AS tops,
    (SELECT value FROM hookline.log_epoch) AS log_epoch,
    (SELECT value FROM hookline.subscription_epoch) AS subscription_epoch,
    date_trunc('milliseconds', now()) AS recorded_at,
    to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS time
), logged AS (
  INSERT INTO hookline.event_log (log_epoch, position, kind, recorded_at, stream, version, event_id,
    tenant, source, type, time, subject, phase, status, extensions, data)
  SELECT s.log_epoch, n.position, 'server', s.recorded_at, n.line, s.tops[n.line_place] - n.following, n.event_id,
    n.tenant, n.source, n.type, coalesce(n.time, s.time), n.subject, n.phase, n.status, n.extensions, n.data
  FROM settings s, numbered n
), queued AS (
  INSERT INTO hookline.outbox (position, event_id, recorded_at, line, sequence, subscription_epoch)
  SELECT n.position, n.event_id, s.recorded_at, n.line, s.tops[n.line_place] - n.following, s.subscription_epoch
  FROM settings s, numbered n
)
SELECT (SELECT string_agg(position::text, ' ' ORDER BY position) FROM numbered) AS positions,
  array_to_string(s.tops, ' ') AS tops, s.subscription_epoch, s.recorded_at, s.time,
  (SELECT json_agg(json_build_array(encode(key, 'hex'), event_id, position::text)) FROM known) AS known
FROM settings s`;

/** One row, always: what was appended, or why nothing was. */
export interface AppendAnswer {
  /** In the order of the events; null when nothing was appended. */
  readonly positions: string | null;
  /** The new version of each line, in the order given. */
  readonly tops: string | null;
  readonly subscription_epoch: bigint;
  readonly recorded_at: Date;
  /** Of events that bring none. */
  readonly time: string;
  /** Key in hexadecimal, event id and position, the earliest day first; null without one. */
  readonly known: readonly (readonly [string, string, string])[] | null;
}
