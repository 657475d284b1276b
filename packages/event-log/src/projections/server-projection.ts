import { sql } from 'kysely';
import type { LoggedEvent } from '../logged-event.ts';
import { createProjection, type ProjectionTarget } from './projection.ts';

/**
 * The latest event of each server of a tenant: what it was, how it ended, and the name and status
 * that its data gave. `sequence`, the event's number among its server's, is also their count.
 *
 * Each column comes from the latest event alone. So the rows are the same whether or not the log
 * still has the events before it, and a server whose latest event was dropped is forgotten.
 */
export const serverProjection = createProjection({
  name: 'server',
  version: 1,
  tables: ['server'],
  async handle(events, target) {
    const latest = new Map<string, LoggedEvent>();
    for (const event of events) {
      if (event.kind === 'server' && event.subject !== undefined) latest.set(event.stream, event);
    }
    await upsert([...latest.values()], target);
  },
  async forget(before, { transaction, table }) {
    await sql`DELETE FROM ${sql.raw(table('server'))} WHERE last_recorded_at < ${before}`.execute(
      transaction,
    );
  },
});

async function upsert(events: readonly LoggedEvent[], target: ProjectionTarget): Promise<void> {
  if (events.length === 0) return;
  const described = events.map((event) => describe(event.data));
  const columns = (pick: (event: LoggedEvent) => string | null) => events.map(pick);
  await sql`
    INSERT INTO ${sql.raw(target.table('server'))} AS s (tenant, server, sequence, last_event_id,
      last_type, last_phase, last_status, last_time, last_recorded_at, name, reported_status)
    SELECT * FROM unnest(${columns((event) => event.tenant)}::text[],
      ${columns((event) => event.subject ?? '')}::text[],
      ${columns((event) => String(event.version))}::bigint[],
      ${columns((event) => event.eventId)}::text[], ${columns((event) => event.type)}::text[],
      ${columns((event) => event.phase)}::text[], ${columns((event) => event.status ?? null)}::text[],
      ${columns((event) => event.time)}::text[],
      ${columns((event) => event.recordedAt.toISOString())}::timestamptz[],
      ${described.map(({ name }) => name)}::text[],
      ${described.map(({ status }) => status)}::text[])
    ON CONFLICT (tenant, server) DO UPDATE SET sequence = excluded.sequence,
      last_event_id = excluded.last_event_id, last_type = excluded.last_type,
      last_phase = excluded.last_phase, last_status = excluded.last_status,
      last_time = excluded.last_time, last_recorded_at = excluded.last_recorded_at,
      name = excluded.name, reported_status = excluded.reported_status`.execute(target.transaction);
}

/** What canonical data says of the server; payloads of any shape are let through without it. */
function describe(data: string): { readonly name: string | null; readonly status: string | null } {
  const value: unknown = JSON.parse(data);
  const fields = typeof value === 'object' && value !== null ? value : {};
  const text = (field: string) => {
    const found = (fields as Record<string, unknown>)[field];
    // Postgres takes no NUL in text, and a name is for people to read.
    return typeof found === 'string' ? found.replaceAll('\u0000', '\ufffd').slice(0, 256) : null;
  };
  return { name: text('name'), status: text('status') };
}
