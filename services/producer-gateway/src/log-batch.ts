import type { AppendOutcome } from '@hookline/event-log';
import type { Logger } from '@hookline/telemetry';
import type { Channel } from './gateway-metrics.ts';
import type { HandledBatch } from './ingest-spans.ts';

/** Traces named in one line; the log has them all. */
const TRACES_SHOWN_MAX = 10;

interface Traced {
  readonly event: { readonly extensions: { readonly traceparent?: string } };
}

/** One wide line for a batch of messages of INGEST. */
export function logBatch(
  logger: Logger,
  { answers, startedMs, endedMs, append }: HandledBatch,
  accepted: readonly Traced[],
): void {
  if (!logger.isLevelEnabled('info')) return;
  const count = (kind: string): number =>
    answers.filter(({ outcome }) => outcome.kind === kind).length;
  logger.info(
    {
      channel: 'nats',
      messages: answers.length,
      appended: count('appended'),
      repeated: count('repeated'),
      rejected: count('rejected'),
      heartbeats: count('heartbeat'),
      append_ms: rounded(append.endedMs - append.startedMs),
      duration_ms: rounded(endedMs - startedMs),
      trace_ids: traceIds(accepted),
    },
    'accepted a batch',
  );
}

/** One wide line for the events of a request. */
export function logAccepted(
  logger: Logger,
  {
    channel,
    outcomes,
    durationMs,
  }: {
    readonly channel: Channel;
    readonly outcomes: readonly AppendOutcome[];
    readonly durationMs: number;
  },
): void {
  if (!logger.isLevelEnabled('info')) return;
  const appended = outcomes.filter((outcome) => outcome.kind === 'appended');
  logger.info(
    {
      channel,
      events: outcomes.length,
      appended: appended.length,
      repeated: outcomes.filter(({ kind }) => kind === 'repeated').length,
      refused: outcomes.filter(({ kind }) => kind === 'refused').length,
      duration_ms: rounded(durationMs),
      trace_ids: traceIds(appended),
    },
    'accepted a batch',
  );
}

function traceIds(accepted: readonly Traced[]): string[] {
  const shown = accepted.slice(0, TRACES_SHOWN_MAX);
  return shown.map(({ event }) => event.extensions.traceparent?.slice(3, 35) ?? '');
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
