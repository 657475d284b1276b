import type { Database } from '@hookline/event-log';

/** A server of an ordered subscription whose events wait behind one that has failed. */
export interface BlockedLineRow {
  /** null for the line of a host. */
  readonly subject: string | null;
  readonly delivery_id: string;
  readonly sequence: bigint;
  readonly waiting: number;
  readonly blocked_at: Date;
  readonly next_attempt_at: Date | null;
}

const LINES_MAX = 100;
/** Behind one head; more count as so many. */
const COUNTED_MAX = 10_000;

/** Lines held up by a failing head, the longest first, at most 100. */
export async function readBlockedLines(
  { pool }: Database,
  { tenant, subscriptionId }: { readonly tenant: string; readonly subscriptionId: string },
): Promise<BlockedLineRow[]> {
  const { rows } = await pool.query<BlockedLineRow>({
    name: 'blocked-lines',
    text: `SELECT CASE WHEN s.line LIKE $1 || '/s/%' THEN substr(s.line, length($1) + 4) END AS subject,
        s.delivery_id, s.sequence, s.first_attempt_at AS blocked_at,
        CASE WHEN s.held THEN NULL ELSE s.due_at END AS next_attempt_at,
        (SELECT count(*)::int FROM (SELECT FROM hookline.schedule w
          WHERE w.ordered AND w.subscription_id = s.subscription_id AND w.line = s.line
            AND coalesce(w.replay_id, '') = coalesce(s.replay_id, '') AND w.sequence > s.sequence
          LIMIT ${COUNTED_MAX}) b) AS waiting
      FROM hookline.schedule s
      WHERE s.tenant = $1 AND s.subscription_id = $2 AND s.ordered AND s.first_attempt_at IS NOT NULL
      ORDER BY s.first_attempt_at LIMIT ${LINES_MAX}`,
    values: [tenant, subscriptionId],
  });
  return rows;
}
