import { enumValue, Replay, ReplayState } from '@hookline/contracts';
import { type SubscriptionFilter, toFilterMessage } from '@hookline/subscriptions';
import type { ReplayRow } from '../postgres/replays.ts';

/** A replay as the API shows it. */
export function toReplayMessage(row: ReplayRow): Replay {
  const filter = row.filter === null ? undefined : (JSON.parse(row.filter) as SubscriptionFilter);
  const failed = row.enqueued - row.succeeded - row.waiting;
  return Replay.fromPartial({
    id: row.replay_id,
    source: {
      $case: 'events',
      value: {
        subscriptionId: row.subscription_id,
        startTime: row.start_at,
        endTime: row.end_at,
        filter: filter && toFilterMessage(filter),
        undeliveredOnly: row.undelivered_only,
      },
    },
    description: row.description,
    deliveriesPerSecond: row.deliveries_per_second ?? undefined,
    state: enumValue(ReplayState, 'REPLAY_STATE_', row.state) ?? 0,
    progress: {
      totalCount: row.total,
      scannedCount: row.scanned,
      enqueuedCount: row.enqueued,
      succeededCount: row.succeeded,
      // What neither came home nor waits any more was given up, cancelled or expired.
      failedCount: failed > 0n ? failed : 0n,
    },
    error: row.error,
    creator: row.creator,
    createTime: row.created_at,
    beginTime: row.began_at ?? undefined,
    endTime: row.ended_at ?? undefined,
  });
}
