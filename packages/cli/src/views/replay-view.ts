import { type Replay, ReplayState } from '@hookline/contracts';
import type { Column } from '../output/table.ts';
import { type Json, number, shortTime, shown, timeOrNull, word } from './shared.ts';

export function replayJson(replay: Replay): Json {
  const { source, progress } = replay;
  const selection = source?.$case === 'events' ? source.value : undefined;
  return {
    id: replay.id,
    kind: source?.$case === 'events' ? 'replay' : 'redrive',
    subscription_id: selection?.subscriptionId ?? null,
    start_time: timeOrNull(selection?.startTime),
    stop_time: timeOrNull(selection?.endTime),
    undelivered_only: selection?.undeliveredOnly ?? null,
    description: replay.description,
    deliveries_per_second: replay.deliveriesPerSecond ?? null,
    state: word(ReplayState, 'REPLAY_STATE_', replay.state),
    total_count: number(progress?.totalCount ?? 0n),
    scanned_count: number(progress?.scannedCount ?? 0n),
    enqueued_count: number(progress?.enqueuedCount ?? 0n),
    succeeded_count: number(progress?.succeededCount ?? 0n),
    failed_count: number(progress?.failedCount ?? 0n),
    error: replay.error,
    creator: replay.creator,
    create_time: timeOrNull(replay.createTime),
    begin_time: timeOrNull(replay.beginTime),
    end_time: timeOrNull(replay.endTime),
  };
}

export const replayColumns: readonly Column<Json>[] = [
  { title: 'REPLAY', text: (replay) => shown(replay, 'id') },
  { title: 'CREATED', text: (replay) => shortTime(replay, 'create_time') },
  { title: 'KIND', text: (replay) => shown(replay, 'kind') },
  { title: 'STATE', text: (replay) => shown(replay, 'state') },
  {
    title: 'SCANNED',
    text: (replay) => `${replay.scanned_count}/${replay.total_count}`,
    align: 'right',
  },
  { title: 'DELIVERED', text: (replay) => shown(replay, 'succeeded_count'), align: 'right' },
  { title: 'FAILED', text: (replay) => shown(replay, 'failed_count'), align: 'right' },
];
