import type { AcceptedEvent } from '@hookline/contracts';
import type pg from 'pg';
import { LOOK_AGAIN_MS, type Underway } from '../domain/replay.ts';

/** A replay that is to take a step; its row is locked until the transaction ends. */
export interface OpenReplay {
  readonly replay_id: string;
  readonly tenant: string;
  readonly subscription_id: string;
  readonly start_at: Date;
  readonly end_at: Date;
  readonly filter: string | null;
  readonly undelivered_only: boolean;
  readonly deliveries_per_second: number | null;
  readonly after_position: bigint;
  readonly created_at: Date;
}

/**
 * The replay whose turn it is, locked: whoever holds the row is the one that runs it, and a crash
 * gives it back with nothing done since the last commit. undefined when none is to take a step.
 */
export async function lockReplay(client: pg.ClientBase): Promise<OpenReplay | undefined> {
  const { rows } = await client.query<OpenReplay>({
    name: 'lock-replay',
    text: `SELECT replay_id, tenant, subscription_id, start_at, end_at, filter, undelivered_only,
        deliveries_per_second, after_position, created_at
      FROM hookline.replay
      WHERE state IN ('queued', 'running') AND next_step_at <= now() AND kind = 'events'
      ORDER BY next_step_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
  });
  return rows[0];
}

export async function readUnderway(client: pg.ClientBase, replay: OpenReplay): Promise<Underway> {
  const { rows } = await client.query<{ readonly untried: number; readonly backlog: number }>({
    name: 'replay-underway',
    text: `SELECT (SELECT count(*)::int FROM hookline.schedule
          WHERE replay_id = $1 AND attempts_count = 0 AND NOT held) AS untried,
        coalesce((SELECT waiting FROM hookline.backlog WHERE subscription_id = $2), 0)::int AS backlog`,
    values: [replay.replay_id, replay.subscription_id],
  });
  return rows[0] ?? { untried: 0, backlog: 0 };
}

/** An event with the line it is of. */
export interface ReplayEvent {
  readonly event: AcceptedEvent;
  readonly line: string;
}

/** Events read for one step; with the largest payloads that is 50 MB. */
export const EVENTS_READ_MAX = 200;
/** An event that is not settled after so long will not be; it is replayed then. */
const UNSETTLED_MAX = '1 minute';

interface EventRow {
  readonly event_id: string;
  readonly position: bigint;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly recorded_at: Date;
  readonly subject: string | null;
  readonly phase: 'pre' | 'post';
  readonly status: 'success' | 'fail' | null;
  readonly version: bigint;
  readonly extensions: string;
  readonly data: string;
  readonly stream: string;
  readonly unsettled: boolean;
}

/**
 * The events that come next, in the order of the log. One that is still being delivered for the first
 * time ends the page: it is looked at when that is done, so that nothing is sent twice.
 */
export async function readEventsToReplay(
  client: pg.ClientBase,
  replay: OpenReplay,
): Promise<{ readonly events: readonly ReplayEvent[]; readonly isLast: boolean }> {
  const { rows } = await client.query<EventRow>({
    name: 'events-to-replay',
    text: `SELECT e.event_id, e.position, e.source, e.type, e.time, e.recorded_at, e.subject, e.phase, e.status,
        e.version, e.extensions, e.data, e.stream, EXISTS (SELECT FROM hookline.outbox o
          WHERE o.position = e.position AND o.recorded_at > now() - interval '${UNSETTLED_MAX}') AS unsettled
      FROM hookline.event_log e
      WHERE e.kind = 'server' AND e.tenant = $1 AND e.position > $2
        AND e.recorded_at >= $3 AND e.recorded_at < $4
      ORDER BY e.position LIMIT $5`,
    values: [replay.tenant, replay.after_position, replay.start_at, replay.end_at, EVENTS_READ_MAX],
  });
  const end = rows.findIndex((row) => row.unsettled);
  const settled = end === -1 ? rows : rows.slice(0, end);
  return {
    events: settled.map((row) => ({ event: toEvent(row, replay.tenant), line: row.stream })),
    isLast: end === -1 && rows.length < EVENTS_READ_MAX,
  };
}

function toEvent(row: EventRow, tenant: string): AcceptedEvent {
  return {
    id: row.event_id,
    tenant,
    position: row.position,
    source: row.source,
    type: row.type,
    time: row.time,
    recordedAt: row.recorded_at,
    ...(row.subject !== null && { subject: row.subject }),
    phase: row.phase,
    ...(row.status !== null && { status: row.status }),
    sequence: row.version,
    extensions: JSON.parse(row.extensions),
    data: row.data,
  };
}

/** What there is of deliveries that were made before: how many attempts, and whether one succeeded. */
export async function readEarlier(
  client: pg.ClientBase,
  {
    tenant,
    deliveryIds,
    since,
  }: { readonly tenant: string; readonly deliveryIds: readonly string[]; readonly since: Date },
): Promise<Map<string, { readonly number: number; readonly succeeded: boolean }>> {
  const { rows } = await client.query<{
    readonly delivery_id: string;
    readonly number: number;
    readonly succeeded: boolean;
  }>({
    name: 'earlier-attempts',
    text: `SELECT delivery_id, max(number) AS number, bool_or(delivery_state = 'succeeded') AS succeeded
      FROM hookline.attempt_log
      WHERE tenant = $1 AND delivery_id = ANY($2::text[]) AND recorded_at >= $3 GROUP BY delivery_id`,
    values: [tenant, deliveryIds, since],
  });
  return new Map(rows.map(({ delivery_id, ...rest }) => [delivery_id, rest]));
}

export interface Step {
  /** The last position looked at. */
  readonly position: bigint;
  readonly scanned: number;
  readonly enqueued: number;
  readonly isLast: boolean;
  readonly nextAfterMs: number;
}

/** Notes how far the replay has come, in the transaction that handed its deliveries over. */
export async function noteStep(
  client: pg.ClientBase,
  { replay, step }: { readonly replay: OpenReplay; readonly step: Step },
): Promise<void> {
  await client.query({
    name: 'note-replay-step',
    text: `UPDATE hookline.replay SET after_position = $2, scanned = scanned + $3, enqueued = enqueued + $4,
        state = CASE WHEN $5 THEN 'completed' ELSE 'running' END,
        total = CASE WHEN $5 THEN scanned + $3 ELSE total END,
        began_at = coalesce(began_at, now()), ended_at = CASE WHEN $5 THEN now() END,
        next_step_at = now() + make_interval(secs => $6::float8 / 1000)
      WHERE replay_id = $1`,
    values: [
      replay.replay_id,
      step.position,
      step.scanned,
      step.enqueued,
      step.isLast,
      step.nextAfterMs,
    ],
  });
}

/** Puts the next step off, since nothing can be handed over now. */
export async function postponeStep(client: pg.ClientBase, replay: OpenReplay): Promise<void> {
  await client.query({
    name: 'postpone-replay-step',
    text: `UPDATE hookline.replay SET next_step_at = now() + make_interval(secs => $2::float8 / 1000),
        state = 'running', began_at = coalesce(began_at, now()) WHERE replay_id = $1`,
    values: [replay.replay_id, LOOK_AGAIN_MS],
  });
}

export async function failReplay(
  client: pg.ClientBase,
  { replay, error }: { readonly replay: OpenReplay; readonly error: string },
): Promise<void> {
  await client.query({
    name: 'fail-replay',
    text: `UPDATE hookline.replay SET state = 'failed', error = $2, ended_at = now() WHERE replay_id = $1`,
    values: [replay.replay_id, error],
  });
}
