import {
  type DeadLetterFilter,
  type DeadLetterSelection,
  type EventSelection,
  enumText,
  GrpcPhase,
  GrpcStatus,
  Outcome,
  type Replay,
  type ReplayProgress,
  ReplayState,
} from '@hookline/contracts';
import { instantText, textOrNull } from './times.ts';

/** A replay or redrive as REST shows it. */
export function toReplayJson(replay: Replay) {
  return {
    id: replay.id,
    ...sourceOf(replay),
    state: enumText(ReplayState, 'REPLAY_STATE_', replay.state) ?? 'queued',
    description: replay.description,
    deliveries_per_second: replay.deliveriesPerSecond ?? null,
    progress: toProgressJson(replay.progress),
    error: textOrNull(replay.error),
    creator: replay.creator,
    created_at: instantText(replay.createTime),
    began_at: instantText(replay.beginTime),
    ended_at: instantText(replay.endTime),
  };
}

function sourceOf({ source }: Replay) {
  if (source?.$case === 'deadLetters') {
    return { kind: 'dead_letters', ...toSelectionJson(source.value) };
  }
  return { kind: 'events', ...(source !== undefined && toEventsJson(source.value)) };
}

function toEventsJson({ subscriptionId, startTime, endTime, filter, ...rest }: EventSelection) {
  return {
    webhook_id: subscriptionId,
    from: instantText(startTime),
    to: instantText(endTime),
    ...(filter !== undefined && {
      events: filter.types,
      statuses: filter.statuses.flatMap((value) => enumText(GrpcStatus, 'STATUS_', value) ?? []),
      phases: filter.phases.flatMap((value) => enumText(GrpcPhase, 'PHASE_', value) ?? []),
      subjects: filter.subjects,
    }),
    undelivered_only: rest.undeliveredOnly,
  };
}

function toSelectionJson({ selection }: DeadLetterSelection) {
  switch (selection?.$case) {
    case 'ids':
      return { ids: selection.value.ids };
    case 'filter':
      return { filter: toFilterJson(selection.value) };
    default:
      return {};
  }
}

function toFilterJson(filter: DeadLetterFilter) {
  return {
    webhook_id: filter.subscriptionIds,
    type: filter.eventTypes,
    subject: filter.subjects,
    outcome: filter.outcomes.flatMap((value) => enumText(Outcome, 'OUTCOME_', value) ?? []),
    ...(filter.incidentId !== '' && { incident_id: filter.incidentId }),
    from: instantText(filter.startTime),
    to: instantText(filter.endTime),
  };
}

function toProgressJson(progress: ReplayProgress | undefined) {
  return {
    total_count: Number(progress?.totalCount ?? 0),
    scanned_count: Number(progress?.scannedCount ?? 0),
    enqueued_count: Number(progress?.enqueuedCount ?? 0),
    succeeded_count: Number(progress?.succeededCount ?? 0),
    failed_count: Number(progress?.failedCount ?? 0),
  };
}
