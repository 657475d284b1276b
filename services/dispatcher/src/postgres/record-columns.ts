import { PING_TYPE } from '@hookline/contracts';
import { type AttemptToRecord, attemptColumns, replayColumn } from '@hookline/event-log';
import type { AttemptRecord, Decision, Delivery } from '../domain/delivery.ts';
import type {
  Completion,
  DecidedAttempt,
  DispatchRecord,
  Waiting,
} from '../domain/dispatch-record.ts';

/**
 * The arrays that the one statement of a group takes, in the order of its parameters. Times on the
 * hot path go as text: the driver's own conversion of a Date costs ten times as much.
 */
export function recordColumns(group: {
  readonly dispatcherId: string;
  readonly records: readonly DispatchRecord[];
}): unknown[] {
  const { settled, waiting, finished, moved, attempts, dead } = sortOut(group.records);
  const rows = attempts.map(toRow);
  return [
    settled,
    group.dispatcherId,
    ...waitingColumns(waiting),
    finished.map((completion) => completion.delivery.id),
    finished.map((completion) => completion.claim),
    ...movedColumns(moved),
    ...attemptColumns(rows),
    ...deadColumns(dead),
    finished.map(({ next }) => next.kind === 'cancelled'),
    replayColumn(rows),
    waiting.map(({ ordered }) => ordered === true),
    moved.map(({ next }) => next.kind === 'blocked'),
    finished.map(({ next }) => next.kind === 'succeeded'),
  ];
}

type Moved = Completion & {
  readonly next: Extract<Completion['next'], { readonly kind: 'retry' | 'blocked' }>;
};

interface Dead {
  readonly delivery: Delivery;
  readonly cause: string;
  readonly attempt: AttemptRecord | undefined;
  /** -1 when the row of the schedule, not that of the outbox, decides. */
  readonly position: bigint;
}

function sortOut(records: readonly DispatchRecord[]) {
  const settled: bigint[] = [];
  const waiting: Waiting[] = [];
  const finished: Completion[] = [];
  const moved: Moved[] = [];
  const attempts: DecidedAttempt[] = [];
  const dead: Dead[] = [];
  for (const record of records) {
    if (record.kind === 'settlement') {
      settled.push(record.event.position);
      waiting.push(...record.waiting);
      attempts.push(...record.attempts);
      for (const { attempt, decision } of record.attempts) {
        if (decision.kind !== 'dead') continue;
        const { delivery } = attempt;
        dead.push({ delivery, cause: decision.cause, attempt, position: record.event.position });
      }
      continue;
    }
    const { next, attempt, delivery } = record;
    if (next.kind === 'retry' || next.kind === 'blocked') moved.push(record as Moved);
    else finished.push(record);
    if (attempt !== undefined && next.kind !== 'cancelled') {
      attempts.push({ attempt, decision: next });
    }
    // A ping is given up without a dead letter: nobody missed anything by it.
    if (next.kind === 'dead' && delivery.entry.event.type !== PING_TYPE)
      dead.push({ delivery, cause: next.cause, attempt, position: -1n });
  }
  return { settled, waiting, finished, moved, attempts, dead };
}

function deliveryColumns(deliveries: readonly Delivery[]): unknown[] {
  const events = deliveries.map((delivery) => delivery.entry.event);
  return [
    deliveries.map((delivery) => delivery.id),
    deliveries.map((delivery) => delivery.subscription.id),
    events.map((event) => event.tenant),
    events.map((event) => event.id),
    events.map((event) => event.type),
    events.map((event) => event.recordedAt.toISOString()),
  ];
}

function lineColumns(deliveries: readonly Delivery[]): unknown[] {
  return [
    deliveries.map((delivery) => delivery.entry.line),
    deliveries.map((delivery) => delivery.entry.event.sequence),
  ];
}

function waitingColumns(waiting: readonly Waiting[]): unknown[] {
  const deliveries = waiting.map((entry) => entry.delivery);
  return [
    deliveries.map((delivery) => delivery.entry.event.position),
    ...deliveryColumns(deliveries),
    ...lineColumns(deliveries),
    waiting.map((entry) => entry.dueAt),
    deliveries.map((delivery) => delivery.attemptsCount),
    deliveries.map((delivery) => delivery.attemptNumber),
    waiting.map((entry) => entry.claimed),
    deliveries.map((delivery) => delivery.firstAttemptAt ?? null),
  ];
}

function movedColumns(moved: readonly Moved[]): unknown[] {
  return [
    moved.map((completion) => completion.delivery.id),
    moved.map((completion) => completion.claim),
    moved.map(({ next }) => (next.kind === 'retry' ? next.dueAt : null)),
    moved.map((completion) => completion.delivery.attemptsCount),
    moved.map((completion) => completion.delivery.attemptNumber),
    moved.map((completion) => completion.delivery.firstAttemptAt ?? null),
  ];
}

/** An attempt as a row of the log. */
export function toRow({ attempt, decision }: DecidedAttempt): AttemptToRecord {
  const { delivery, result } = attempt;
  return {
    attemptId: attempt.attemptId,
    deliveryId: delivery.id,
    subscriptionId: delivery.subscription.id,
    event: delivery.entry.event,
    number: attempt.number,
    startedAt: attempt.startedAt,
    durationMs: result.durationMs,
    url: attempt.url,
    outcome: result.outcome,
    httpStatus: result.httpStatus,
    responseBody: result.responseBody,
    error: result.error,
    traceId: attempt.traceId,
    replayId: delivery.replayId,
    deliveryState: stateAfter(decision),
    nextAttemptAt: decision.kind === 'retry' ? decision.dueAt : undefined,
  };
}

function deadColumns(dead: readonly Dead[]): unknown[] {
  const deliveries = dead.map((entry) => entry.delivery);
  return [
    dead.map((entry) => entry.position),
    ...deliveryColumns(deliveries),
    ...lineColumns(deliveries),
    deliveries.map((delivery) => delivery.attemptsCount),
    dead.map((entry) => entry.cause),
    dead.map((entry) => entry.attempt?.result.error ?? null),
    dead.map((entry) => entry.delivery.firstAttemptAt ?? entry.attempt?.startedAt ?? null),
  ];
}

function stateAfter(decision: Decision): string {
  switch (decision.kind) {
    case 'succeeded':
      return 'succeeded';
    case 'retry':
    case 'blocked':
      return 'scheduled';
    case 'dead':
      return 'dead';
  }
}
