import type { Database, Statements } from '@hookline/event-log';
import type { SubscriptionFilter } from '@hookline/subscriptions';
import type pg from 'pg';
import type { ReplayState } from '../domain/replay.ts';

/** A replay as it stands, with its progress. */
export interface ReplayRow {
  readonly replay_id: string;
  readonly tenant: string;
  readonly kind: 'events' | 'dead_letters';
  /** null for a redrive, and so are the times. */
  readonly subscription_id: string | null;
  readonly start_at: Date | null;
  readonly end_at: Date | null;
  /** Of a redrive: DeadLetterSelection, encoded. */
  readonly selection: Buffer | null;
  /** JSON; null: the subscription's own. */
  readonly filter: string | null;
  readonly undelivered_only: boolean;
  readonly description: string;
  readonly deliveries_per_second: number | null;
  readonly creator: string;
  readonly state: ReplayState;
  readonly error: string;
  readonly total: bigint;
  readonly scanned: bigint;
  readonly enqueued: bigint;
  readonly succeeded: bigint;
  readonly waiting: bigint;
  readonly created_at: Date;
  readonly began_at: Date | null;
  readonly ended_at: Date | null;
}

export interface NewReplay {
  readonly replayId: string;
  readonly tenant: string;
  readonly subscriptionId: string;
  readonly startAt: Date;
  readonly endAt: Date;
  readonly filter: SubscriptionFilter | undefined;
  readonly undeliveredOnly: boolean;
  readonly description: string;
  readonly deliveriesPerSecond: number | undefined;
  readonly creator: string;
}

/** Of the log, for a replay. */
export interface ReplayExtent {
  /** No event of the replay has this position or a smaller one. */
  readonly afterPosition: bigint;
  readonly total: bigint;
}

/** Events are counted up to here; beyond, the total is this until the replay has come further. */
const COUNTED_MAX = 100_000;
/** An append that takes longer than this between its time and its commit may be missed. */
const SETTLED_AFTER_MS = 1_000;

const SELECT = `SELECT r.replay_id, r.tenant, r.kind, r.selection, r.subscription_id, r.start_at, r.end_at, r.filter, r.undelivered_only,
    r.description, r.deliveries_per_second, r.creator, r.state, r.error, greatest(r.total, r.scanned) AS total,
    r.scanned, r.enqueued, coalesce(s.succeeded, 0) AS succeeded,
    (SELECT count(*) FROM hookline.schedule w WHERE w.replay_id = r.replay_id) AS waiting,
    r.created_at, r.began_at, r.ended_at
  FROM hookline.replay r LEFT JOIN hookline.replay_success s ON s.replay_id = r.replay_id`;

type Queryable = Pick<pg.ClientBase, 'query'>;

/** Queues a replay, in the caller's transaction. */
export async function insertReplay(
  transaction: Database['kysely'],
  replay: NewReplay & ReplayExtent,
): Promise<void> {
  const settledAt = new Date(replay.endAt.getTime() + SETTLED_AFTER_MS);
  await transaction
    .insertInto('hookline.replay')
    .values({
      replay_id: replay.replayId,
      tenant: replay.tenant,
      subscription_id: replay.subscriptionId,
      kind: 'events',
      start_at: replay.startAt,
      end_at: replay.endAt,
      filter: replay.filter === undefined ? null : JSON.stringify(replay.filter),
      undelivered_only: replay.undeliveredOnly,
      description: replay.description,
      deliveries_per_second: replay.deliveriesPerSecond ?? null,
      creator: replay.creator,
      next_step_at: settledAt,
      after_position: replay.afterPosition,
      total: replay.total,
      began_at: null,
      ended_at: null,
    })
    .execute();
}

/** Where a replay begins to read, and how many events there are to look at, as far as they are counted. */
export async function measureReplay(
  db: Queryable,
  range: Pick<NewReplay, 'tenant' | 'startAt' | 'endAt'>,
): Promise<ReplayExtent> {
  const { tenant, startAt, endAt } = range;
  const afterPosition = await findPositionBefore(db, { tenant, time: startAt });
  const { rows } = await db.query<{ readonly total: bigint }>({
    name: 'count-events-to-replay',
    text: `SELECT count(*) AS total FROM (SELECT FROM hookline.event_log
      WHERE kind = 'server' AND tenant = $1 AND position > $2 AND recorded_at >= $3 AND recorded_at < $4
      LIMIT ${COUNTED_MAX}) c`,
    values: [tenant, afterPosition, startAt, endAt],
  });
  return { afterPosition, total: rows[0]?.total ?? 0n };
}

/** No append takes longer from its time to its commit, so that positions follow times up to this. */
const POSITION_MARGIN_MS = 60_000;

/**
 * A position before which no event of the tenant is of that time or later, by halving: positions
 * follow times, and no index on times burdens the append. About forty look-ups of an index.
 */
async function findPositionBefore(
  db: Queryable,
  { tenant, time }: { readonly tenant: string; readonly time: Date },
): Promise<bigint> {
  const wanted = time.getTime() - POSITION_MARGIN_MS;
  const { rows } = await db.query<{ readonly last: bigint | null }>({
    name: 'last-position',
    text: `SELECT max(position) AS last FROM hookline.event_log WHERE kind = 'server' AND tenant = $1`,
    values: [tenant],
  });
  let low = 0n;
  let high = rows[0]?.last ?? 0n;
  while (low < high) {
    const middle = (low + high) / 2n;
    const found = await db.query<{ readonly position: bigint; readonly recorded_at: Date }>({
      name: 'first-from-position',
      text: `SELECT position, recorded_at FROM hookline.event_log
        WHERE kind = 'server' AND tenant = $1 AND position > $2 ORDER BY position LIMIT 1`,
      values: [tenant, middle],
    });
    const [next] = found.rows;
    if (next === undefined || next.recorded_at.getTime() >= wanted) high = middle;
    else low = next.position;
  }
  return low;
}

export async function findReplay(
  db: Queryable,
  { tenant, replayId }: { readonly tenant: string; readonly replayId: string },
): Promise<ReplayRow | undefined> {
  const { rows } = await db.query<ReplayRow>({
    name: 'find-replay',
    text: `${SELECT} WHERE r.tenant = $1 AND r.replay_id = $2`,
    values: [tenant, replayId],
  });
  return rows[0];
}

export interface ReplayQuery {
  readonly tenant: string;
  readonly limit: number;
  readonly before?: string | undefined;
  readonly subscriptionId?: string | undefined;
  readonly states?: readonly string[] | undefined;
}

/** One page, the newest first. */
export async function listReplays(db: Queryable, query: ReplayQuery): Promise<ReplayRow[]> {
  const { rows } = await db.query<ReplayRow>({
    name: 'list-replays',
    text: `${SELECT} WHERE r.tenant = $1 AND ($2::text IS NULL OR r.replay_id < $2)
        AND ($3::text IS NULL OR r.subscription_id = $3
          OR EXISTS (SELECT FROM hookline.redrive_part p WHERE p.replay_id = r.replay_id AND p.subscription_id = $3))
        AND ($4::text[] IS NULL OR r.state = ANY($4))
      ORDER BY r.replay_id DESC LIMIT $5`,
    values: [
      query.tenant,
      query.before ?? null,
      query.subscriptionId ?? null,
      query.states ?? null,
      query.limit,
    ],
  });
  return rows;
}

/** Stops a replay; a step under way is waited for. False when it had ended before. */
export async function cancelReplay(
  db: Statements,
  { tenant, replayId }: { readonly tenant: string; readonly replayId: string },
): Promise<boolean> {
  const { rows } = await db.query({
    name: 'cancel-replay',
    text: `UPDATE hookline.replay SET state = 'cancelled', ended_at = now()
      WHERE tenant = $1 AND replay_id = $2 AND state IN ('queued', 'running')
      RETURNING replay_id`,
    values: [tenant, replayId],
  });
  return rows.length === 1;
}
