import type { AppendOutcome, EventToAppend, Fence } from '@hookline/event-log';
import type { Nats, ReceivedMessage } from '@hookline/messaging';
import type { Logger } from '@hookline/telemetry';
import type pg from 'pg';
import type { AgentActivity } from './agent-activity.ts';
import { createAppending } from './appending.ts';
import { normaliseMessage } from './domain/ingest-message.ts';
import type { EventChecks } from './event-checks.ts';
import type { EventPublisher } from './event-publisher.ts';
import { nowMs } from './event-spans.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import {
  type Answer,
  type DecidedBatch,
  decideBatch,
  type Normalise,
  type PreparedBatch,
  prepareBatch,
  refuseUnfit,
  refuseUnknown,
  settleBatch,
  tenantsOf,
} from './ingest-batch.ts';
import type { IngestSpans } from './ingest-spans.ts';
import { logBatch } from './log-batch.ts';
import { patiently } from './patiently.ts';
import type { KeepRejected } from './rejections.ts';
import type { TenantDirectory } from './tenant-directory.ts';

export interface IngestHandlerOptions {
  readonly nats: Nats;
  readonly pool: pg.Pool;
  readonly publisher: EventPublisher;
  readonly keepRejected: KeepRejected;
  readonly directory: TenantDirectory;
  readonly checks: Pick<EventChecks, 'unfitness'>;
  readonly activity: AgentActivity;
  readonly metrics: GatewayMetrics;
  readonly spans: IngestSpans;
  readonly logger: Logger;
  readonly dedupeDays: number;
  readonly fence: Fence;
  /** Checks a message; another one than ours in tests of what happens when it fails. */
  readonly normalise?: Normalise;
  /** Whether a message is to be rejected unread, because whoever read it did not survive. */
  readonly isPoison: (message: ReceivedMessage) => boolean;
  /** Ends the waiting for Postgres. */
  readonly signal: AbortSignal;
}

/** Does all that is to be done for a batch of messages. Throws FencedError, and when it is stopped. */
export type IngestHandler = (messages: readonly ReceivedMessage[]) => Promise<void>;

/**
 * Check, append, keep rejects, answer, acknowledge, hand on to EVENTS. The next batch is appended
 * while EVENTS still answers for the ones before.
 *
 * While Postgres is away a batch is tried again with the same events, whose keys make it one effect,
 * and nothing further is taken.
 */
export function createIngestHandler(options: IngestHandlerOptions): IngestHandler {
  const { nats, publisher, keepRejected, directory, checks, activity, metrics, logger, spans } =
    options;
  const { normalise = normaliseMessage, isPoison } = options;
  const append = createAppending({
    ...options,
    append: { dedupeDays: options.dedupeDays, fence: options.fence },
  });

  const onUnreadable = (error: unknown, message: ReceivedMessage): void => {
    const { subject, streamSequence } = message;
    logger.error({ err: error, subject, streamSequence }, 'a message could not be read; rejected');
  };

  /** The table is asked again before a tenant is called unknown: it may be seconds old. */
  const checkTenants = async (prepared: PreparedBatch): Promise<PreparedBatch> => {
    const unknown = tenantsOf(prepared).filter((name) => directory.get(name) === undefined);
    if (unknown.length === 0) return prepared;
    await patiently(() => directory.lookUp(unknown), options);
    return refuseUnknown(prepared, (name) => directory.get(name) !== undefined);
  };

  const appendAll = async (events: readonly EventToAppend[]): Promise<AppendOutcome[]> => {
    if (events.length === 0) return [];
    const startedAt = performance.now();
    const outcomes = await append(events);
    metrics.appended(outcomes.length, (performance.now() - startedAt) / 1000);
    return outcomes;
  };

  const count = ({ answers }: DecidedBatch, tenants: readonly string[]): void => {
    const of = (kind: Answer['outcome']['kind']): number =>
      answers.filter(({ outcome }) => outcome.kind === kind).length;
    metrics.accepted('nats', tenants);
    metrics.repeated('nats', of('repeated'));
    metrics.rejected('nats', of('rejected'));
    metrics.heartbeats(of('heartbeat'));
  };

  return async (messages) => {
    const startedMs = nowMs();
    const { newTrace } = spans;
    const reading = { normalise, onUnreadable, isPoison, newTrace };
    const known = await checkTenants(prepareBatch(messages, reading));
    const prepared = refuseUnfit(known, (event) => checks.unfitness(event, 'nats'));
    const appendStartedMs = nowMs();
    const outcomes = await appendAll(prepared.events);
    const append = { startedMs: appendStartedMs, endedMs: nowMs() };
    const decided = decideBatch(prepared, outcomes);
    const { rejected } = decided;
    if (rejected.length > 0) await patiently(() => keepRejected(rejected), options);
    settleBatch(decided, nats);
    const handled = { startedMs, endedMs: nowMs(), prepared, answers: decided.answers, append };
    spans.handled(handled);
    const accepted = outcomes.filter((outcome) => outcome.kind === 'appended');
    publisher.publish(accepted);
    activity.note(decided.answers);
    count(
      decided,
      accepted.map(({ event }) => event.tenant),
    );
    logBatch(logger, handled, accepted);
    await publisher.room();
  };
}
