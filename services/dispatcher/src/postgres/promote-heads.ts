import type pg from 'pg';

/** Marks of one round. */
const MARKS_MAX = 1_000;

const TAKE_MARKS = `
DELETE FROM hookline.line_mark WHERE mark_id IN (
  SELECT mark_id FROM hookline.line_mark WHERE look_at <= now()
  ORDER BY look_at LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING subscription_id, line, replay_id, tries`;

/**
 * The head of a line is its waiting row with the smallest sequence. Fresh events and each replay have
 * a line of their own: what was sent before never holds up what was not.
 *
 * A fresh head waits while the outbox has an event of its line before it, which may yet become a row.
 * Then the line is marked again, to be looked at after 10 ms, 20 ms and so on up to half a second.
 */
const PROMOTE = `
WITH lines AS (
  SELECT subscription_id, line, replay_id, min(tries) AS tries
  FROM unnest($1::text[], $2::text[], $3::text[], $4::int[]) AS m(subscription_id, line, replay_id, tries)
  GROUP BY subscription_id, line, replay_id
), heads AS MATERIALIZED (
  SELECT l.*, h.delivery_id, l.replay_id = '' AND EXISTS (
      SELECT FROM hookline.outbox o WHERE o.line = l.line AND o.sequence < h.sequence) AS is_early
  FROM lines l CROSS JOIN LATERAL (
    SELECT s.delivery_id, s.sequence, s.held, s.due_at FROM hookline.schedule s
    WHERE s.ordered AND s.subscription_id = l.subscription_id AND s.line = l.line
      AND coalesce(s.replay_id, '') = l.replay_id
    ORDER BY s.sequence LIMIT 1) h
  WHERE h.held AND h.due_at < 'infinity'
), locked AS MATERIALIZED (
  SELECT s.delivery_id FROM hookline.schedule s
  WHERE s.delivery_id IN (SELECT delivery_id FROM heads WHERE NOT is_early) AND s.held AND s.due_at < 'infinity'
  ORDER BY s.delivery_id FOR UPDATE
), promoted AS (
  UPDATE hookline.schedule s SET held = false, due_at = now() FROM locked l
  WHERE s.delivery_id = l.delivery_id RETURNING s.subscription_id
), backlogs AS MATERIALIZED (
  SELECT b.subscription_id FROM hookline.backlog b
  WHERE b.subscription_id IN (SELECT subscription_id FROM promoted)
  ORDER BY b.subscription_id FOR UPDATE
), due AS (
  UPDATE hookline.backlog b SET next_due_at = least(b.next_due_at, now()) FROM backlogs l
  WHERE b.subscription_id = l.subscription_id
), again AS (
  INSERT INTO hookline.line_mark (subscription_id, line, replay_id, look_at, tries)
  SELECT subscription_id, line, replay_id, now() + make_interval(secs => least(0.5, 0.01 * 2 ^ least(tries, 8))),
    least(tries + 1, 100)
  FROM heads WHERE is_early
)
SELECT count(*)::int AS promoted FROM promoted`;

const NEXT = `SELECT (extract(epoch FROM min(look_at) - now()) * 1000)::float8 AS wait_ms FROM hookline.line_mark`;

export interface Promoted {
  /** Heads that are due now. */
  readonly promoted: number;
  /** In how many milliseconds the next mark is to be looked at; undefined when there is none. */
  readonly waitMs: number | undefined;
}

/**
 * Looks at the lines that were marked, and makes their heads due.
 *
 * Two statements in one transaction: the first takes marks, the second, with a newer snapshot, sees
 * everything that was committed with them. Whichever change was the last to free a head, its own mark
 * is looked at after it is visible, so no head is forgotten, and nobody needs to lock a line. A row
 * with a smaller sequence cannot appear behind the snapshot's back: an event is in the log after those
 * before it, and leaves the outbox in the commit that puts its deliveries into the schedule.
 */
export async function promoteHeads(pool: pg.Pool): Promise<Promoted> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows: marks } = await client.query<{
      readonly subscription_id: string;
      readonly line: string;
      readonly replay_id: string;
      readonly tries: number;
    }>({ name: 'take-line-marks', text: TAKE_MARKS, values: [MARKS_MAX] });
    const { rows } =
      marks.length === 0
        ? { rows: [] }
        : await client.query<{ readonly promoted: number }>({
            name: 'promote-heads',
            text: PROMOTE,
            values: [
              marks.map((mark) => mark.subscription_id),
              marks.map((mark) => mark.line),
              marks.map((mark) => mark.replay_id),
              marks.map((mark) => mark.tries),
            ],
          });
    const next = await client.query<{ readonly wait_ms: number | null }>({
      name: 'next-line-mark',
      text: NEXT,
    });
    await client.query('COMMIT');
    return { promoted: rows[0]?.promoted ?? 0, waitMs: next.rows[0]?.wait_ms ?? undefined };
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}
