import type { Database, LogCheckpoint } from '@hookline/event-log';
import type { SubscriptionRow } from '../index/indexed-subscription.ts';
import type { SubscriptionCodec } from '../store/sealed-document.ts';
import { type Subscription, viewOfRow } from '../store/subscription-view.ts';

const PAGE_ROWS = 500;

/** A subscription as it is, and whether its last change comes after the checkpoint. */
export interface SnapshotEntry {
  readonly subscription: Subscription;
  readonly isRecent: boolean;
}

type Row = SubscriptionRow & {
  readonly version: bigint;
  readonly disabled_at: Date | null;
  readonly enabled_at: Date | null;
  readonly recent: boolean;
};

/**
 * A tenant's subscriptions, page by page, read after the checkpoint was taken: each as it is when its
 * page is read. Whatever changed since the checkpoint says so, since the log will tell of that change
 * once more. One transaction for all pages would be simpler, and would hold back every reader of the
 * log for as long as a slow client takes.
 */
export async function* readSnapshot(
  { pool }: Pick<Database, 'pool'>,
  codec: SubscriptionCodec,
  { tenant, checkpoint }: { readonly tenant: string; readonly checkpoint: LogCheckpoint },
): AsyncGenerator<readonly SnapshotEntry[]> {
  const [epoch, transaction] = checkpoint.split(':');
  for (let after = ''; ; ) {
    const { rows } = await pool.query<Row>({
      name: 'watch-snapshot',
      text: `SELECT s.*, EXISTS (
          SELECT FROM hookline.event_log e
          WHERE e.kind = 'aggregate' AND e.stream = 'subscription:' || s.subscription_id
            AND e.version = s.version AND (e.log_epoch, e.transaction_id) >= ($3, $4::xid8)) AS recent
        FROM hookline.subscription s
        WHERE s.tenant = $1 AND s.state <> 'deleted' AND s.subscription_id > $2
        ORDER BY s.subscription_id LIMIT ${PAGE_ROWS}`,
      values: [tenant, after, epoch, transaction],
    });
    await codec.ready([tenant]);
    yield rows.map((row) => ({ subscription: viewOfRow(row, codec), isRecent: row.recent }));
    const last = rows.at(-1);
    if (rows.length < PAGE_ROWS || last === undefined) return;
    after = last.subscription_id;
  }
}
