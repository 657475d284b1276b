import { type DispatchableEvent, DomainError } from '@hookline/contracts';
import {
  type AppendOutcome,
  appendWhole,
  createEventAppender,
  type EventToAppend,
  QueueFullError,
} from '@hookline/event-log';
import type { Logger } from '@hookline/telemetry';
import type pg from 'pg';
import type { EventPublisher } from './event-publisher.ts';
import { type EventSpans, nowMs } from './event-spans.ts';
import type { Channel, GatewayMetrics } from './gateway-metrics.ts';
import { logAccepted } from './log-batch.ts';
import type { Quotas } from './quotas.ts';

/** Events of HTTP and gRPC that may wait for their commit; one more is answered with "try again". */
const QUEUED_EVENTS_MAX = 5_000;

export interface Publishing {
  /**
   * Appends events in their order, together with those of concurrent requests, and hands them on.
   * Resolves after the commit; outcomes in the order of the events. Throws DomainError
   * `resource_exhausted` when too many wait already or the tenant's quota is used up, and what
   * Postgres throws. All events are of one tenant.
   */
  accept(events: readonly EventToAppend[], channel: Channel): Promise<AppendOutcome[]>;
  /**
   * Appends the events of one request in one commit of their own: all of them or none. As `accept`
   * otherwise; what Postgres finds wrong with one of them is the outcome of each.
   */
  acceptWhole(events: readonly EventToAppend[], channel: Channel): Promise<AppendOutcome[]>;
  /** Refuses what is new and resolves when what waits is committed. */
  stop(): Promise<void>;
}

/** The way of events that do not come through INGEST. */
export function createPublishing(options: {
  readonly pool: pg.Pool;
  readonly dedupeDays: number;
  readonly publisher: EventPublisher;
  readonly quotas: Quotas;
  readonly metrics: GatewayMetrics;
  readonly spans: EventSpans;
  readonly logger: Logger;
}): Publishing {
  const { pool, dedupeDays, publisher, quotas, metrics, spans, logger } = options;
  const appender = createEventAppender(pool, { dedupeDays, queuedMax: QUEUED_EVENTS_MAX });

  /** Hands on what is committed at once, even if a neighbour of the same request is not. */
  const acceptOne = async (event: EventToAppend): Promise<AppendOutcome> => {
    const outcome = await appender.submit(event);
    if (outcome.kind === 'appended') publisher.publish([outcome satisfies DispatchableEvent]);
    return outcome;
  };

  /** Events of requests that are appended whole, on their way. */
  let whole = 0;

  const admit = (events: readonly EventToAppend[]): void => {
    if (appender.queued() + whole + events.length > QUEUED_EVENTS_MAX) throw tooBusy();
    const [first] = events;
    if (first !== undefined) quotas.admit(first.tenant, events.length);
  };

  const tell = (told: Told): void => {
    const { channel, events, outcomes, startedMs } = told;
    const when = { startedMs, endedMs: nowMs() };
    const appended = events.filter((_event, index) => outcomes[index]?.kind === 'appended');
    spans.appended(appended, when);
    logAccepted(logger, { channel, outcomes, durationMs: when.endedMs - startedMs });
    const of = (kind: AppendOutcome['kind']): number =>
      outcomes.filter((outcome) => outcome.kind === kind).length;
    metrics.accepted(
      channel,
      appended.map(({ tenant }) => tenant),
    );
    metrics.repeated(channel, of('repeated'));
    metrics.rejected(channel, of('refused'));
  };

  return {
    async accept(events, channel) {
      admit(events);
      const startedMs = nowMs();
      const outcomes = await Promise.all(events.map(acceptOne)).catch((error: unknown) => {
        throw error instanceof QueueFullError ? tooBusy() : error;
      });
      tell({ channel, events, outcomes, startedMs });
      return outcomes;
    },
    async acceptWhole(events, channel) {
      if (events.length === 0) return [];
      admit(events);
      const startedMs = nowMs();
      whole += events.length;
      try {
        const outcomes = await appendWhole(pool, events, { dedupeDays });
        publisher.publish(outcomes.filter((outcome) => outcome.kind === 'appended'));
        tell({ channel, events, outcomes, startedMs });
        return outcomes;
      } finally {
        whole -= events.length;
      }
    },
    stop: () => appender.stop(),
  };
}

/** What became of the events of one request. */
interface Told {
  readonly channel: Channel;
  readonly events: readonly EventToAppend[];
  readonly outcomes: readonly AppendOutcome[];
  readonly startedMs: number;
}

function tooBusy(): DomainError {
  return new DomainError(
    'resource_exhausted',
    `${QUEUED_EVENTS_MAX} events wait to be stored already; try again in a second`,
    { retryAfterMs: 1_000 },
  );
}
