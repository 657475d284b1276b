import { DeadLetterSelection, enumValue, Replay, ReplayState } from '@hookline/contracts';
import { type SubscriptionFilter, toFilterMessage } from '@hookline/subscriptions';
import type { ReplayRow } from '../postgres/replays.ts';

/** A replay as the API shows it. */
export function toReplayMessage(row: ReplayRow): Replay {
  const failed = row.enqueued - row.succeeded - row.waiting;
  return Replay.fromPartial({
    id: row.replay_id,
    source: sourceOf(row),
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

function sourceOf(row: ReplayRow): Replay['source'] {
  if (row.selection !== null) {
    return { $case: 'deadLetters', value: DeadLetterSelection.decode(row.selection) };
  }
  const filter = row.filter === null ? undefined : (JSON.parse(row.filter) as SubscriptionFilter);
  return {
    $case: 'events',
    value: {
      subscriptionId: row.subscription_id ?? '',
      startTime: row.start_at ?? undefined,
      endTime: row.end_at ?? undefined,
      filter: filter && toFilterMessage(filter),
      undeliveredOnly: row.undelivered_only,
    },
  };
}
