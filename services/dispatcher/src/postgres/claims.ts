import type pg from 'pg';

/** A dispatcher without a heartbeat for so long is dead: its claims are free to be taken over. */
export const DEAD_AFTER_MS = 15_000;

/** A row of the schedule that is this dispatcher's until it records what became of it. */
export interface ClaimedRow {
  readonly delivery_id: string;
  readonly subscription_id: string;
  readonly tenant: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly event_recorded_at: Date;
  readonly line: string;
  readonly sequence: bigint;
  readonly attempts_count: number;
  readonly attempt_number: number;
  readonly first_attempt_at: Date | null;
  readonly claim: bigint;
  readonly ordered: boolean;
  readonly replay_id: string | null;
  /** When the claim before this one was made; only for those taken over. */
  readonly claimed_before: Date | null;
}

const COLUMNS = `s.delivery_id, s.subscription_id, s.tenant, s.event_id, s.event_type, s.event_recorded_at,
  s.line, s.sequence, s.attempts_count, s.attempt_number, s.first_attempt_at, s.claim,
  s.ordered, s.replay_id`;

const LOCK_DUE = `
SELECT subscription_id, probing FROM hookline.backlog
WHERE next_due_at IS NOT NULL AND greatest(next_due_at, blocked_until) <= now()
  AND subscription_id <> ALL ($2::text[])
ORDER BY greatest(next_due_at, blocked_until) LIMIT $1 FOR UPDATE SKIP LOCKED`;

/** As the pool allows no scan of a whole table, so this no bitmap: it would be of a whole backlog. */
const BEGIN_BY_INDEX = 'BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off';

/** Longer than any probe of a half-open breaker takes: a dispatcher that dies with it holds nobody up. */
const PROBE_MS_MAX = 45_000;

const CLAIM = `
WITH due AS (
  SELECT * FROM unnest($2::text[], $3::int[], $4::boolean[]) AS d(subscription_id, room, probing)
), picked AS MATERIALIZED (
  SELECT p.delivery_id FROM due CROSS JOIN LATERAL (
    SELECT s.delivery_id FROM hookline.schedule s
    WHERE s.subscription_id = due.subscription_id AND s.claimed_by IS NULL AND NOT s.held AND s.due_at <= now()
    ORDER BY s.due_at LIMIT due.room FOR UPDATE SKIP LOCKED) p
), claimed AS (
  UPDATE hookline.schedule s SET claimed_by = $1, claim = s.claim + 1, claimed_at = now()
  WHERE s.delivery_id = ANY (ARRAY (SELECT delivery_id FROM picked))
  RETURNING ${COLUMNS}, NULL::timestamptz AS claimed_before
), next AS (
  UPDATE hookline.backlog b SET next_due_at = (
    SELECT s.due_at FROM hookline.schedule s
    WHERE s.subscription_id = b.subscription_id AND s.claimed_by IS NULL AND NOT s.held
      AND s.delivery_id <> ALL (ARRAY (SELECT delivery_id FROM picked))
    ORDER BY s.due_at LIMIT 1),
    blocked_until = CASE WHEN due.probing THEN now() + make_interval(secs => $5::float8 / 1000) END
  FROM due WHERE b.subscription_id = due.subscription_id
)
SELECT * FROM claimed`;

export interface ClaimRequest {
  readonly dispatcherId: string;
  /** Most subscriptions of one round; those whose backlog is due longest come first. */
  readonly subscriptionsMax: number;
  /** Those of which nothing can be claimed now: passed over, so that they do not shut the others out. */
  readonly passedOver: readonly string[];
  /**
   * How many rows of a subscription to claim; 0 leaves it for later. Of one that is `probing` one row
   * is claimed at most, and nobody claims another until that one has told, or 45 s have passed.
   * `among` is how many subscriptions share the round.
   */
  readonly room: (
    subscriptionId: string,
    how: { readonly probing: boolean; readonly among: number },
  ) => number;
}

export interface Claims {
  readonly rows: readonly ClaimedRow[];
  /** Whether anything was due at all. */
  readonly anyDue: boolean;
}

/**
 * Claims due deliveries, a few of each subscription, so that one with 200,000 waiting does not shut
 * the others out.
 *
 * Two statements in one transaction: the first locks backlog rows, so that the second, with a newer
 * snapshot, sees every delivery whose insertion went before, and `next_due_at` misses none. In one
 * statement a row committed between snapshot and lock would be forgotten.
 *
 * What was picked goes on as an array, and the next due time is the first row of an index: a join and
 * a min() both made the planner read all 200,000 rows of a long backlog for each claim, 215 ms.
 */
export async function claimDue(pool: pg.Pool, request: ClaimRequest): Promise<Claims> {
  const client = await pool.connect();
  try {
    await client.query(BEGIN_BY_INDEX);
    const due = await client.query<{ subscription_id: string; probing: boolean }>({
      name: 'lock-due',
      text: LOCK_DUE,
      values: [request.subscriptionsMax, request.passedOver],
    });
    const wanted = due.rows
      .map(({ subscription_id: id, probing }) => {
        const room = request.room(id, { probing, among: due.rows.length });
        return { id, probing, room: probing ? Math.min(room, 1) : room };
      })
      .filter((entry) => entry.room > 0);
    const { rows } =
      wanted.length === 0
        ? { rows: [] }
        : await client.query<ClaimedRow>({
            name: 'claim-due',
            text: CLAIM,
            values: [
              request.dispatcherId,
              wanted.map((entry) => entry.id),
              wanted.map((entry) => entry.room),
              wanted.map((entry) => entry.probing),
              PROBE_MS_MAX,
            ],
          });
    await client.query('COMMIT');
    return { rows, anyDue: due.rows.length > 0 };
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

/** Whether and when the next delivery is due, over all subscriptions that are not passed over. */
export async function findNextDue(
  pool: pg.Pool,
  passedOver: readonly string[],
): Promise<Date | undefined> {
  const { rows } = await pool.query<{ next_due_at: Date }>({
    name: 'next-due',
    text: `SELECT greatest(next_due_at, blocked_until) AS next_due_at FROM hookline.backlog
      WHERE next_due_at IS NOT NULL AND greatest(next_due_at, blocked_until) < 'infinity'
        AND subscription_id <> ALL ($1::text[])
      ORDER BY greatest(next_due_at, blocked_until) LIMIT 1`,
    values: [passedOver],
  });
  return rows[0]?.next_due_at;
}

/**
 * Holds back the backlog of a subscription that is paused or disabled, until it is resumed. Its row
 * is locked, so that one that is being resumed is waited for and then found active: otherwise the
 * backlog would be held for ever.
 */
export async function blockBacklog(pool: pg.Pool, subscriptionId: string): Promise<void> {
  await pool.query({
    name: 'block-backlog',
    text: `WITH held AS (
        SELECT subscription_id FROM hookline.subscription
        WHERE subscription_id = $1 AND state IN ('paused', 'disabled') FOR SHARE)
      UPDATE hookline.backlog b SET blocked_until = 'infinity' FROM held
      WHERE b.subscription_id = held.subscription_id`,
    values: [subscriptionId],
  });
}

/** Takes the claims of dead dispatchers over, at most 500 at a time. */
export async function takeOver(pool: pg.Pool, dispatcherId: string): Promise<ClaimedRow[]> {
  const { rows } = await pool.query<ClaimedRow>({
    name: 'take-over',
    text: `WITH dead AS (
        SELECT s.delivery_id, s.claimed_at FROM hookline.schedule s
        LEFT JOIN hookline.dispatcher d ON d.dispatcher_id = s.claimed_by
        WHERE s.claimed_by IS NOT NULL
          AND (d.heartbeat_at IS NULL OR d.heartbeat_at < now() - make_interval(secs => $2::float8 / 1000))
        ORDER BY s.delivery_id LIMIT 500 FOR UPDATE OF s SKIP LOCKED)
      UPDATE hookline.schedule s SET claimed_by = $1, claim = s.claim + 1, claimed_at = now()
      FROM dead WHERE s.delivery_id = dead.delivery_id
      RETURNING ${COLUMNS}, dead.claimed_at AS claimed_before`,
    values: [dispatcherId, DEAD_AFTER_MS],
  });
  return rows;
}

/** No attempt lasts so long: a timeout is 30 s at most, and a claim is made when there is room. */
const FORGOTTEN_AFTER_MS = 120_000;

/**
 * Frees claims of this very dispatcher that it has lost sight of, for instance since Postgres went
 * away between the claim and the reading of the event. A completion that comes after all finds the
 * claim gone and writes its attempt row only.
 */
export async function freeForgotten(pool: pg.Pool, dispatcherId: string): Promise<number> {
  const { rows } = await pool.query<{ freed: number }>({
    name: 'free-forgotten',
    text: `WITH freed AS (
        UPDATE hookline.schedule SET claimed_by = NULL, claim = claim + 1, claimed_at = NULL
        WHERE claimed_by = $1 AND claimed_at < now() - make_interval(secs => $2::float8 / 1000)
        RETURNING subscription_id, due_at
      ), backlogs AS (
        UPDATE hookline.backlog b SET next_due_at = least(b.next_due_at, f.due_at)
        FROM (SELECT subscription_id, min(due_at) AS due_at FROM freed GROUP BY subscription_id) f
        WHERE b.subscription_id = f.subscription_id
      )
      SELECT count(*)::int AS freed FROM freed`,
    values: [dispatcherId, FORGOTTEN_AFTER_MS],
  });
  return rows[0]?.freed ?? 0;
}
