import { setTimeout as delay } from 'node:timers/promises';
import { type StreamDefinition, streamDefinitions } from '@hookline/contracts';
import {
  type AppendOutcome,
  appendOrRefuse,
  type EventToAppend,
  type Fence,
  FencedError,
} from '@hookline/event-log';
import { consumeBatches, type Nats, type ReceivedMessage } from '@hookline/messaging';
import { reasonOf } from '@hookline/service-runtime';
import type { Logger } from '@hookline/telemetry';
import type pg from 'pg';
import type { EventPublisher } from './event-publisher.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import { decideBatch, prepareBatch, settleBatch } from './ingest-batch.ts';
import type { KeepRejected } from './rejections.ts';

export interface IngestReaderOptions {
  readonly nats: Nats;
  readonly pool: pg.Pool;
  readonly publisher: EventPublisher;
  readonly keepRejected: KeepRejected;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  readonly dedupeDays: number;
  /** The lease under which it reads; once that is another's, its appends are refused. */
  readonly fence: Fence;
}

export interface IngestReader {
  /** Why it reads no more: it was told to stop, or another gateway has taken over. Never rejects. */
  readonly ended: Promise<'stopped' | 'fenced'>;
  /** Takes no further batch and resolves when the one under way is done. */
  stop(): Promise<void>;
}

/** With the epoch of the lease after it: a paused gateway that wakes must not pull its successor's messages. */
const DURABLE_PREFIX = 'gateway-';

const BATCH_MESSAGES_MAX = 500;
const BATCH_BYTES_MAX = 4 * 1024 * 1024;
/**
 * Long, since redelivery would only bring repeats out of order: what is not acknowledged comes again,
 * in order, when the durable is made anew, at every interruption and takeover.
 */
const ACK_WAIT_MS = 10 * 60 * 1000;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 2_000;
const LOG_EVERY_MS = 10_000;

/**
 * Reads INGEST in order and appends what it holds: check, append, keep rejects, answer, acknowledge,
 * hand on to EVENTS. The next batch is appended while EVENTS still answers for the ones before.
 *
 * While Postgres is away a batch is tried again with the same events, whose keys make it one effect,
 * and nothing further is pulled.
 */
export function startIngestReader(options: IngestReaderOptions): IngestReader {
  const { nats, pool, publisher, keepRejected, metrics, logger, fence } = options;
  const abort = new AbortController();
  const append = { dedupeDays: options.dedupeDays, fence };
  const consumer = consumeBatches({
    nats,
    stream: ingestStream(),
    durable: `${DURABLE_PREFIX}${fence.epoch}`,
    recreateDurable: true,
    replaces: (name, first) => isFormer(name, fence.epoch, first),
    batchMax: BATCH_MESSAGES_MAX,
    batchBytesMax: BATCH_BYTES_MAX,
    ackWaitMs: ACK_WAIT_MS,
  });

  const onUnreadable = (error: unknown, message: ReceivedMessage): void => {
    const { subject, streamSequence } = message;
    logger.error({ err: error, subject, streamSequence }, 'a message could not be read; rejected');
  };

  const appendAll = (events: readonly EventToAppend[]): Promise<AppendOutcome[]> =>
    events.length === 0
      ? Promise.resolve([])
      : patiently(() => appendOrRefuse(pool, events, append), { signal: abort.signal, logger });

  const handle = async (messages: readonly ReceivedMessage[]): Promise<void> => {
    const prepared = prepareBatch(messages, onUnreadable);
    const startedAt = performance.now();
    const outcomes = await appendAll(prepared.events);
    if (outcomes.length > 0) {
      metrics.appended(outcomes.length, (performance.now() - startedAt) / 1000);
    }
    const decided = decideBatch(prepared, outcomes);
    const { rejected } = decided;
    if (rejected.length > 0) {
      await patiently(() => keepRejected(rejected), { signal: abort.signal, logger });
    }
    settleBatch(decided, nats);
    const accepted = outcomes.filter((outcome) => outcome.kind === 'appended');
    publisher.publish(accepted);
    metrics.accepted('nats', accepted.length);
    metrics.rejected('nats', rejected.length);
    metrics.repeated('nats', messages.length - accepted.length - rejected.length);
    await publisher.room();
  };

  const read = async (): Promise<'stopped' | 'fenced'> => {
    try {
      for await (const batch of consumer) await handle(batch);
    } catch (error) {
      if (error instanceof FencedError) return 'fenced';
      // The only other way out of a batch is to be stopped while Postgres is away.
      if (!abort.signal.aborted) logger.error({ err: error }, `reading ended: ${reasonOf(error)}`);
    }
    return 'stopped';
  };

  const ended = read();
  return {
    ended,
    async stop() {
      abort.abort(new Error('the reader is stopping'));
      await consumer.stop();
      await ended;
    },
  };
}

/**
 * A durable of an earlier epoch. At the start any other will do, since epochs begin anew with an empty
 * database; later on a smaller one only, lest a gateway that was taken over delete its successor's.
 */
function isFormer(durable: string, epoch: bigint, first: boolean): boolean {
  const [, of] = /^gateway-(\d+)$/.exec(durable) ?? [];
  if (of === undefined) return durable === 'gateway';
  return first ? BigInt(of) !== epoch : BigInt(of) < epoch;
}

function ingestStream(): StreamDefinition {
  const definition = streamDefinitions.find(({ name }) => name === 'INGEST');
  if (definition === undefined) throw new Error('the stream INGEST is not defined');
  return definition;
}

/** Tries again for ever, but gives way to a stop, and at once to whoever has taken the lease over. */
async function patiently<T>(
  attempt: () => Promise<T>,
  { signal, logger }: { signal: AbortSignal; logger: Logger },
): Promise<T> {
  let delayMs = RETRY_FIRST_MS;
  let loggedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof FencedError) throw error;
      if (performance.now() - loggedAt >= LOG_EVERY_MS) {
        logger.error({ err: error }, `appending waits for Postgres: ${reasonOf(error)}`);
        loggedAt = performance.now();
      }
    }
    signal.throwIfAborted();
    await delay(delayMs, undefined, { signal });
    delayMs = Math.min(delayMs * 2, RETRY_MAX_MS);
  }
}
