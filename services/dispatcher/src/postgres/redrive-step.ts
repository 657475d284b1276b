import { DeadLetterSelection } from '@hookline/contracts';
import { type Database, deadLetterConditionText, queryOfSelection } from '@hookline/event-log';
import type pg from 'pg';
import { LOOK_AGAIN_MS, type Underway } from '../domain/replay.ts';
import type { Again } from './schedule-again.ts';

/** A redrive that is to take a step; its row is locked until the transaction ends. */
export interface OpenRedrive {
  readonly replay_id: string;
  readonly tenant: string;
  readonly selection: Buffer;
  readonly deliveries_per_second: number | null;
}

/** The dead letters of one subscription within a redrive, and how far it has come with them. */
export interface RedrivePart {
  readonly subscription_id: string;
  /** As Postgres writes it, microseconds included. */
  readonly after_died_at: string;
  readonly after_delivery_id: string;
}

/** The redrive whose turn it is, locked, as lockReplay(). */
export async function lockRedrive(client: pg.ClientBase): Promise<OpenRedrive | undefined> {
  const { rows } = await client.query<OpenRedrive>({
    name: 'lock-redrive',
    text: `SELECT replay_id, tenant, selection, deliveries_per_second
      FROM hookline.replay
      WHERE state IN ('queued', 'running') AND next_step_at <= now() AND kind = 'dead_letters'
      ORDER BY next_step_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
  });
  return rows[0];
}

/** The part whose turn it is; undefined when all that are left wait, or none is left. */
export async function nextPart(
  client: pg.ClientBase,
  { replay_id }: OpenRedrive,
): Promise<RedrivePart | undefined> {
  const { rows } = await client.query<RedrivePart>({
    name: 'next-redrive-part',
    text: `SELECT subscription_id, after_died_at::text AS after_died_at, after_delivery_id
      FROM hookline.redrive_part WHERE replay_id = $1 AND NOT done AND next_step_at <= now()
      ORDER BY next_step_at, subscription_id LIMIT 1`,
    values: [replay_id],
  });
  return rows[0];
}

export async function readPartUnderway(
  client: pg.ClientBase,
  { replay_id }: OpenRedrive,
  { subscription_id }: RedrivePart,
): Promise<Underway> {
  const { rows } = await client.query<Underway>({
    name: 'redrive-underway',
    text: `SELECT (SELECT count(*)::int FROM hookline.schedule
          WHERE replay_id = $1 AND subscription_id = $2 AND attempts_count = 0 AND NOT held) AS untried,
        coalesce((SELECT waiting FROM hookline.backlog WHERE subscription_id = $2), 0)::int AS backlog`,
    values: [replay_id, subscription_id],
  });
  return rows[0] ?? { untried: 0, backlog: 0 };
}

interface DeadLetterToRedrive {
  readonly delivery_id: string;
  readonly subscription_id: string;
  readonly tenant: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly event_recorded_at: Date;
  readonly line: string;
  readonly sequence: bigint;
  readonly died_at_text: string;
  readonly attempt_number: number;
}

export interface RedrivePage {
  readonly deliveries: readonly Again[];
  /** Where the next page of the part begins. */
  readonly after: Pick<RedrivePart, 'after_died_at' | 'after_delivery_id'>;
}

/**
 * The dead letters of a part that come next, locked, in the order in which they died; with `keptFrom`
 * those whose event has been dropped are left out. Their policy begins anew, their attempts go on
 * being counted.
 */
export async function readDeadLettersToRedrive(
  client: pg.ClientBase,
  step: {
    readonly database: Database;
    readonly redrive: OpenRedrive;
    readonly part: RedrivePart;
    readonly limit: number;
    readonly keptFrom: Date | undefined;
  },
): Promise<RedrivePage> {
  const { redrive, part, limit, keptFrom } = step;
  const selection = DeadLetterSelection.decode(redrive.selection);
  const condition = deadLetterConditionText(
    step.database.kysely,
    queryOfSelection(redrive.tenant, selection),
  );
  const first = condition.values.length + 1;
  const { rows } = await client.query<DeadLetterToRedrive>(
    `WITH picked AS MATERIALIZED (
      SELECT d.* FROM hookline.dead_letter d
      WHERE ${condition.text} AND d.subscription_id = $${first}
        AND d.event_recorded_at >= coalesce($${first + 1}::timestamptz, '-infinity')
        AND (d.died_at, d.delivery_id) > ($${first + 2}::timestamptz, $${first + 3})
      ORDER BY d.died_at, d.delivery_id LIMIT $${first + 4} FOR UPDATE)
    SELECT p.delivery_id, p.subscription_id, p.tenant, p.event_id, p.event_type, p.event_recorded_at,
      p.line, p.sequence, p.died_at::text AS died_at_text, coalesce((SELECT max(a.number)
        FROM hookline.attempt_log a WHERE a.tenant = p.tenant AND a.delivery_id = p.delivery_id
          AND a.recorded_at >= p.event_recorded_at), 0)::int AS attempt_number
    FROM picked p ORDER BY p.died_at, p.delivery_id`,
    [
      ...condition.values,
      part.subscription_id,
      keptFrom ?? null,
      part.after_died_at,
      part.after_delivery_id,
      limit,
    ],
  );
  const last = rows.at(-1);
  return {
    deliveries: rows.map(toAgain),
    after:
      last === undefined
        ? part
        : { after_died_at: last.died_at_text, after_delivery_id: last.delivery_id },
  };
}

function toAgain(row: DeadLetterToRedrive): Again {
  return {
    deliveryId: row.delivery_id,
    subscriptionId: row.subscription_id,
    tenant: row.tenant,
    eventId: row.event_id,
    eventType: row.event_type,
    eventRecordedAt: row.event_recorded_at,
    line: row.line,
    sequence: row.sequence,
    attemptsCount: 0,
    attemptNumber: row.attempt_number,
  };
}

export interface PartStep {
  readonly after: RedrivePage['after'];
  readonly done: boolean;
  readonly scanned: number;
  readonly enqueued: number;
  readonly nextAfterMs: number;
}

/** Notes how far a part and its redrive have come, in the transaction that handed deliveries over. */
export async function notePartStep(
  client: pg.ClientBase,
  { replay_id }: OpenRedrive,
  { part, step }: { readonly part: RedrivePart; readonly step: PartStep },
): Promise<void> {
  await client.query({
    name: 'note-redrive-part',
    text: `UPDATE hookline.redrive_part SET after_died_at = $3::timestamptz, after_delivery_id = $4, done = $5,
        next_step_at = now() WHERE replay_id = $1 AND subscription_id = $2`,
    values: [
      replay_id,
      part.subscription_id,
      step.after.after_died_at,
      step.after.after_delivery_id,
      step.done,
    ],
  });
  await client.query({
    name: 'note-redrive-step',
    text: `UPDATE hookline.replay SET scanned = scanned + $2, enqueued = enqueued + $3, state = 'running',
        began_at = coalesce(began_at, now()),
        next_step_at = now() + make_interval(secs => $4::float8 / 1000)
      WHERE replay_id = $1`,
    values: [replay_id, step.scanned, step.enqueued, step.nextAfterMs],
  });
}

/** Puts a part off, since its subscription can be given nothing now; the others go on. */
export async function postponePart(
  client: pg.ClientBase,
  { replay_id }: OpenRedrive,
  { subscription_id }: RedrivePart,
): Promise<void> {
  await client.query({
    name: 'postpone-redrive-part',
    text: `UPDATE hookline.redrive_part SET next_step_at = now() + make_interval(secs => $3::float8 / 1000)
      WHERE replay_id = $1 AND subscription_id = $2`,
    values: [replay_id, subscription_id, LOOK_AGAIN_MS],
  });
}

/** When no part is to take a step: the redrive is completed, or waits for the first that is. */
export async function endOrWait(client: pg.ClientBase, { replay_id }: OpenRedrive): Promise<void> {
  await client.query({
    name: 'end-redrive',
    text: `WITH left_over AS (
        SELECT min(next_step_at) AS next FROM hookline.redrive_part WHERE replay_id = $1 AND NOT done)
      UPDATE hookline.replay r SET began_at = coalesce(began_at, now()),
        state = CASE WHEN l.next IS NULL THEN 'completed' ELSE 'running' END,
        total = CASE WHEN l.next IS NULL THEN scanned ELSE total END,
        ended_at = CASE WHEN l.next IS NULL THEN now() END,
        next_step_at = coalesce(l.next, r.next_step_at)
      FROM left_over l WHERE r.replay_id = $1`,
    values: [replay_id],
  });
}
