import { newId } from '@hookline/contracts';
import { type Kysely, sql } from 'kysely';
import type { HooklineSchema } from './schema.ts';

/** An event of an aggregate, to be appended; `data` is stored as JSON. */
export interface AggregateEvent {
  readonly type: string;
  readonly data: unknown;
  /** The version of the shape of `data`, see createUpcasters(); default 1. */
  readonly schemaVersion?: number;
}

/** Who caused it, kept with every event. */
export interface EventMetadata {
  readonly tenant: string;
  /** For instance `key:key_…` or `system:dead-letter-monitor`. */
  readonly actor: string;
  /** What else is known of the call, for the audit log; all of it text, none of it a secret in clear. */
  readonly attributes?: EventAttributes;
}

export interface EventAttributes {
  /** Where the call came from, sealed under the tenant's key: JSON of `{"remote_address"}`. */
  readonly origin?: string;
  /** The W3C trace id of the call, 32 hexadecimal digits. */
  readonly traceid?: string;
  /** Why, as far as it was said. */
  readonly reason?: string;
}

/**
 * Somebody else appended to the stream since it was read, or in a transaction younger than this
 * one: the log would then have the two in the wrong order. Decide again, in a new transaction.
 */
export class VersionConflictError extends Error {
  override readonly name = 'VersionConflictError';
}

/**
 * Appends events to an aggregate's stream, inside the caller's transaction.
 *
 * `expectedVersion` is the number of events the decision was made on, 0 for a new stream. Throws
 * VersionConflictError when the stream has another version. Returns the new version.
 */
export async function appendToStream(
  transaction: Kysely<HooklineSchema>,
  append: {
    readonly stream: string;
    readonly expectedVersion: bigint;
    readonly events: readonly AggregateEvent[];
    readonly metadata: EventMetadata;
  },
): Promise<bigint> {
  const { stream, expectedVersion, events, metadata } = append;
  const version = expectedVersion + BigInt(events.length);
  const moved = await sql`
    INSERT INTO hookline.stream_version AS s (stream, version) VALUES (${stream}, ${version})
    ON CONFLICT (stream) DO UPDATE SET version = excluded.version WHERE s.version = ${expectedVersion}
      AND NOT EXISTS (SELECT FROM hookline.event_log e
        WHERE e.kind = 'aggregate' AND e.stream = ${stream} AND e.version = ${expectedVersion}
          AND e.log_epoch = (SELECT value FROM hookline.log_epoch)
          AND e.transaction_id > pg_current_xact_id())
    RETURNING version`.execute(transaction);
  if (moved.rows.length === 0) {
    throw new VersionConflictError(`stream ${stream} is no longer at version ${expectedVersion}`);
  }
  const extensions = JSON.stringify({ actor: metadata.actor, ...metadata.attributes });
  await sql`
    INSERT INTO hookline.event_log (log_epoch, position, kind, recorded_at, stream, version, event_id,
      tenant, source, type, time, phase, extensions, data, schema_version)
    SELECT (SELECT value FROM hookline.log_epoch), nextval('hookline.event_position'), 'aggregate',
      date_trunc('milliseconds', now()), ${stream}, ${expectedVersion} + e.ord, e.event_id,
      ${metadata.tenant}, 'hookline', e.type, to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'post', ${extensions}, e.data, e.schema_version
    FROM unnest(${events.map(() => newId('evt'))}::text[], ${events.map((event) => event.type)}::text[],
      ${events.map((event) => JSON.stringify(event.data))}::text[],
      ${events.map((event) => event.schemaVersion ?? 1)}::smallint[])
      WITH ORDINALITY AS e(event_id, type, data, schema_version, ord)
    ORDER BY e.ord`.execute(transaction);
  return version;
}

/** The first event of a new aggregate. */
export interface NewStream {
  readonly stream: string;
  readonly event: AggregateEvent;
  readonly metadata: EventMetadata;
}

/**
 * Appends the first events of many new streams, in the order given, by two statements however many
 * they are. Throws VersionConflictError when one of the streams is there already.
 */
export async function appendNewStreams(
  transaction: Kysely<HooklineSchema>,
  streams: readonly NewStream[],
): Promise<void> {
  const names = streams.map(({ stream }) => stream);
  const made = await sql`
    INSERT INTO hookline.stream_version (stream, version)
    SELECT stream, 1 FROM unnest(${names}::text[]) AS s(stream) ORDER BY stream
    ON CONFLICT (stream) DO NOTHING RETURNING stream`.execute(transaction);
  if (made.rows.length < streams.length) {
    throw new VersionConflictError('one of the new streams is there already');
  }
  await sql`
    INSERT INTO hookline.event_log (log_epoch, position, kind, recorded_at, stream, version, event_id,
      tenant, source, type, time, phase, extensions, data, schema_version)
    SELECT (SELECT value FROM hookline.log_epoch), nextval('hookline.event_position'), 'aggregate',
      date_trunc('milliseconds', now()), e.stream, 1, e.event_id, e.tenant, 'hookline', e.type,
      to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'post', e.extensions, e.data,
      e.schema_version
    FROM unnest(${names}::text[], ${streams.map(() => newId('evt'))}::text[],
      ${streams.map(({ metadata }) => metadata.tenant)}::text[],
      ${streams.map(({ event }) => event.type)}::text[],
      ${streams.map(({ metadata: { actor, attributes } }) => JSON.stringify({ actor, ...attributes }))}::text[],
      ${streams.map(({ event }) => JSON.stringify(event.data))}::text[],
      ${streams.map(({ event }) => event.schemaVersion ?? 1)}::smallint[])
      WITH ORDINALITY AS e(stream, event_id, tenant, type, extensions, data, schema_version, ord)
    ORDER BY e.ord`.execute(transaction);
}

/** Every event of one aggregate, oldest first, with the version of the last. */
export async function readStream(
  db: Kysely<HooklineSchema>,
  stream: string,
): Promise<{ readonly events: AggregateEvent[]; readonly version: bigint }> {
  const rows = await db
    .selectFrom('hookline.event_log')
    .select(['type', 'data', 'version'])
    .where('kind', '=', 'aggregate')
    .where('stream', '=', stream)
    .orderBy('version')
    .execute();
  return {
    events: rows.map((row) => ({ type: row.type, data: JSON.parse(row.data) as unknown })),
    version: rows.at(-1)?.version ?? 0n,
  };
}
