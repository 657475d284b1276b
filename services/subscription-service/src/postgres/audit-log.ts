import { ShreddedError, type TenantSealer } from '@hookline/credentials';
import type { Database, EventAttributes } from '@hookline/event-log';
import { originContext } from '@hookline/service-runtime';
import { type RawBuilder, sql } from 'kysely';
import {
  changesOf,
  type FieldChange,
  type ShownFields,
  shownFields,
} from '../domain/audit-changes.ts';
import { type AggregatePlace, openPersonal, personalFields } from './sealed-fields.ts';

export interface ListAudit {
  readonly tenant: string;
  readonly limit: number;
  /** Where the page before ended. */
  readonly before?: AuditCursor;
  /** Empty: all, here and in what follows. */
  readonly actorId: string;
  readonly targetId: string;
  /** A final `*` matches the rest. */
  readonly actions: readonly string[];
  readonly startTime?: Date;
  readonly endTime?: Date;
}

export interface AuditCursor {
  readonly time: Date;
  readonly position: bigint;
}

/** One act on record. */
export interface AuditedAct extends AuditCursor {
  readonly eventId: string;
  readonly actorId: string;
  readonly actorName: string;
  readonly remoteAddress: string;
  readonly action: string;
  readonly targetId: string;
  readonly reason: string;
  readonly changes: Readonly<Record<string, FieldChange>> | undefined;
  readonly traceId: string;
}

interface AuditRow {
  readonly position: bigint;
  readonly recorded_at: Date;
  readonly event_id: string;
  readonly stream: string;
  readonly version: bigint;
  readonly extensions: string;
  readonly data: string;
  readonly action: string;
  readonly actor_id: string;
  readonly actor_name: string | null;
  readonly target_id: string;
}

type StreamEvent = Pick<AuditRow, 'stream' | 'version' | 'data'>;

/** Of each aggregate's events before those of a page, for the values before a change. */
const EARLIER_MAX = 20;

/** Acts of a tenant, the newest first: the events of its aggregates. */
export async function listAudit(
  database: Database,
  sealer: TenantSealer,
  list: ListAudit,
): Promise<AuditedAct[]> {
  await sealer.ready([list.tenant]);
  const rows = await readPage(database, list);
  const changes = changesByRow(rows, await readEarlier(database, rows), (row) =>
    fieldsOf(row, list.tenant, sealer),
  );
  return rows.map((row): AuditedAct => {
    const attributes = JSON.parse(row.extensions) as EventAttributes;
    const { reason } = JSON.parse(row.data) as { readonly reason?: unknown };
    return {
      time: row.recorded_at,
      position: row.position,
      eventId: row.event_id,
      actorId: row.actor_id,
      actorName: row.actor_name ?? '',
      remoteAddress: openOrigin(attributes.origin, list.tenant, sealer),
      action: row.action,
      targetId: row.target_id,
      reason: attributes.reason ?? (typeof reason === 'string' ? reason : ''),
      changes: changes.get(row),
      traceId: attributes.traceid ?? '',
    };
  });
}

async function readPage({ kysely }: Database, list: ListAudit): Promise<readonly AuditRow[]> {
  const { tenant, before, actorId, targetId, actions, startTime, endTime, limit } = list;
  const conditions = [
    sql`e.tenant = ${tenant}`,
    before && sql`(e.recorded_at, e.position) < (${before.time}, ${before.position})`,
    actorId !== '' && sql`hookline.audit_actor(e.extensions) = ${actorId}`,
    targetId !== '' && sql`hookline.audit_target(e.stream) = ${targetId}`,
    actions.length > 0 &&
      sql`hookline.audit_action(e.stream, e.type) LIKE ANY (${actions.map(likePattern)}::text[])`,
    startTime && sql`e.recorded_at >= ${startTime}`,
    endTime && sql`e.recorded_at < ${endTime}`,
  ].filter((condition): condition is RawBuilder<unknown> => typeof condition === 'object');
  const { rows } = await sql<AuditRow>`
    SELECT p.*, k.name AS actor_name FROM (
      SELECT e.position, e.recorded_at, e.event_id, e.stream, e.version, e.extensions, e.data,
        hookline.audit_action(e.stream, e.type) AS action,
        hookline.audit_actor(e.extensions) AS actor_id, hookline.audit_target(e.stream) AS target_id
      FROM hookline.event_log_aggregate e WHERE ${sql.join(conditions, sql` AND `)}
      ORDER BY e.recorded_at DESC, e.position DESC LIMIT ${limit}
    ) p LEFT JOIN hookline.api_key k ON k.key_id = p.actor_id
    ORDER BY p.recorded_at DESC, p.position DESC`.execute(kysely);
  return rows;
}

function likePattern(action: string): string {
  const isPrefix = action.endsWith('*');
  const text = (isPrefix ? action.slice(0, -1) : action).replaceAll(/[\\%_]/g, '\\$&');
  return isPrefix ? `${text}%` : text;
}

/** Earlier events of the page's aggregates, some of each, oldest first. */
async function readEarlier(
  { kysely }: Database,
  rows: readonly AuditRow[],
): Promise<readonly StreamEvent[]> {
  const newest = new Map<string, bigint>();
  for (const { stream, version } of rows) {
    if (version > (newest.get(stream) ?? 0n)) newest.set(stream, version);
  }
  if (newest.size === 0) return [];
  const found = await sql<StreamEvent>`
    SELECT e.* FROM unnest(${[...newest.keys()]}::text[], ${[...newest.values()]}::bigint[]) AS w(stream, version)
    CROSS JOIN LATERAL (
      SELECT stream, version, data FROM hookline.event_log_aggregate
      WHERE stream = w.stream AND version < w.version ORDER BY version DESC LIMIT ${EARLIER_MAX}
    ) e ORDER BY e.stream, e.version`.execute(kysely);
  return found.rows;
}

function changesByRow(
  rows: readonly AuditRow[],
  earlier: readonly StreamEvent[],
  fieldsIn: (row: StreamEvent) => ShownFields,
): Map<AuditRow, ReturnType<typeof changesOf>> {
  const inOrder = new Map<string, StreamEvent>();
  const keyOf = ({ stream, version }: StreamEvent) => `${stream}/${version}`;
  for (const event of earlier) inOrder.set(keyOf(event), event);
  for (const row of rows) inOrder.set(keyOf(row), row);
  const events = [...inOrder.values()].sort((a, b) => Number(a.version - b.version));
  const known = new Map<string, ShownFields>();
  const wanted = new Set<StreamEvent>(rows);
  const changes = new Map<AuditRow, ReturnType<typeof changesOf>>();
  for (const event of events) {
    const before = known.get(event.stream) ?? {};
    const fields = fieldsIn(event);
    if (wanted.has(event)) changes.set(event as AuditRow, changesOf(fields, before));
    known.set(event.stream, { ...before, ...fields });
  }
  return changes;
}

/** What an event says, with what is personal and may be shown opened. */
function fieldsOf(event: StreamEvent, tenant: string, sealer: TenantSealer): ShownFields {
  const [kind = '', id = ''] = event.stream.split(':');
  const data = JSON.parse(event.data) as Record<string, unknown>;
  if (kind !== 'tenant' && kind !== 'api-key' && kind !== 'agent-credential') {
    return shownFields(data);
  }
  const place: AggregatePlace = { kind, tenant, id };
  const open = (fields: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [
        name,
        name in personalFields && !(kind === 'tenant' && name === 'name')
          ? openPersonal(sealer, { place, name, value })
          : value,
      ]),
    );
  const { settings } = data;
  return shownFields({
    ...open(data),
    ...(settings !== undefined && { settings: open(settings as Record<string, unknown>) }),
  });
}

function openOrigin(sealed: string | undefined, tenant: string, sealer: TenantSealer): string {
  if (sealed === undefined) return '';
  try {
    const text = sealer.open(sealed, originContext(tenant));
    return (JSON.parse(text) as { readonly remote_address: string }).remote_address;
  } catch (error) {
    if (error instanceof ShreddedError) return '';
    throw error;
  }
}
