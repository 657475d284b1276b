import { newTraceparent, replayTrace, type Tracing, toTraceContext } from '@hookline/telemetry';
import type { OpenReplay } from './postgres/replay-step.ts';

/** What one step of a replay came to. */
export interface ReplayStep {
  /** Deliveries handed to the schedule. */
  readonly enqueued: number;
  /** Whether the replay is through. */
  readonly isLast: boolean;
  /** Why it failed. */
  readonly error?: string;
}

/**
 * A replay is a trace of its own, to which the attempts it causes link: a span for each step that did
 * something, and at the end one over all of it.
 */
export function recordReplayStep(
  tracing: Tracing,
  {
    replay,
    startedMs,
    enqueued,
    isLast,
    error,
  }: ReplayStep & { readonly replay: OpenReplay; readonly startedMs: number },
): void {
  if (!tracing.enabled || (enqueued === 0 && !isLast)) return;
  const root = replayTrace(replay.replay_id);
  if (!tracing.isSampled(root.traceId, undefined) && error === undefined) return;
  const endedMs = Date.now();
  const attributes = {
    'hookline.tenant': replay.tenant,
    'hookline.replay.id': replay.replay_id,
    'hookline.subscription.id': replay.subscription_id,
    'hookline.deliveries': enqueued,
    'error.type': error === undefined ? undefined : 'replay_failed',
  };
  const common = { kind: 'internal', endedMs, attributes, error } as const;
  const context = toTraceContext(root.traceId, newTraceparent().spanId, true);
  tracing.record({
    ...{ ...common, name: 'replay step', context, parentSpanId: root.spanId, startedMs },
  });
  if (!isLast) return;
  const { 'hookline.deliveries': _, ...whole } = attributes;
  const began = replay.created_at.getTime();
  tracing.record({
    ...{ ...common, name: 'replay', context: root, startedMs: began, attributes: whole },
  });
}
