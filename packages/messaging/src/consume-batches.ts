import { setTimeout as delay } from 'node:timers/promises';
import type { StreamDefinition } from '@hookline/contracts';
import { createBatchBuffer } from './batch-buffer.ts';
import type { Nats } from './connect.ts';
import { type Durable, ensureDurable } from './consumer.ts';
import { openPullSession, type PullSession } from './pull-session.ts';
import { type Generation, type ReceivedMessage, toReceivedMessage } from './received-message.ts';

export interface ConsumeBatchesOptions {
  readonly nats: Nats;
  readonly stream: StreamDefinition;
  readonly durable: string;
  readonly filterSubject?: string;
  /** Messages delivered and not acknowledged, over all readers of the durable. Default 4,096. */
  readonly maxAckPending?: number;
  /** After this long without an answer a message is delivered again. Default 30,000 ms. */
  readonly ackWaitMs?: number;
  /** Largest batch in messages (500) and bytes (8 MiB; a larger message is a batch of its own). */
  readonly batchMax?: number;
  readonly batchBytesMax?: number;
  /** How long a batch waits for more after its first message. Default 0: what has come is a batch. */
  readonly batchWaitMs?: number;
  /** Messages kept here, handed out ones not counted. Default twice `batchMax`. */
  readonly bufferMax?: number;
}

export interface BatchConsumer extends AsyncIterable<readonly ReceivedMessage[]> {
  /** Whether it is pulling now; false while NATS, the stream or the durable is being got back. */
  isPulling(): boolean;
  /**
   * Ends the iteration and pulls no more. Messages that were not handed out are given back at once.
   * Acknowledgements of batches already handed out go on being sent.
   */
  stop(): Promise<void>;
}

const retryFirstMs = 100;
const retryMaxMs = 2_000;
const pullTiming = { expiresMs: 30_000, heartbeatMs: 2_000 };

function sameDurable(one: Durable | undefined, other: Durable): boolean {
  return (
    one?.createdAt === other.createdAt &&
    one.streamCreatedAt.getTime() === other.streamCreatedAt.getTime()
  );
}

/**
 * Reads a stream through a durable pull consumer, in batches, for as long as it is not stopped. The
 * durable may be shared: what one reader loses goes to any of them after `ackWaitMs`, so the order is
 * not the stream's. Readers who need that use `openLanes`.
 *
 * A lost connection, a server killed and restarted, a consumer or a stream deleted: each is logged,
 * the stream and the durable are made again where they are gone, and reading goes on. Messages are
 * delivered at least once. Nothing is pulled beyond `bufferMax` messages or four batches of bytes, so
 * a reader that does not ask for the next batch stops the pulling.
 */
export function consumeBatches(options: ConsumeBatchesOptions): BatchConsumer {
  const { nats, stream, durable } = options;
  const batchMax = options.batchMax ?? 500;
  const batchBytesMax = options.batchBytesMax ?? 8 * 1024 * 1024;
  const bufferMax = options.bufferMax ?? batchMax * 2;
  const bufferBytesMax = batchBytesMax * 4;
  // A request for fewer bytes than the largest message with its subject and headers would never end.
  const leastBytes = stream.maxMessageBytes + 64 * 1024;
  const buffer = createBatchBuffer({
    batchMax,
    batchBytesMax,
    batchWaitMs: options.batchWaitMs ?? 0,
  });
  const abort = new AbortController();
  const context = { stream: stream.name, durable };
  let session: PullSession | undefined;
  let known: Durable | undefined;
  let generation: Generation = { current: false, streamCreatedAt: new Date(0) };

  const next = () => {
    const messages = bufferMax - buffer.length();
    // Many small requests would cost more than a little patience.
    if (messages < Math.min(batchMax, bufferMax) / 2) return undefined;
    const bytes = bufferBytesMax - buffer.bytes();
    return bytes < leastBytes ? undefined : { messages, bytes, ...pullTiming };
  };

  /** Takes note of a durable that is not the one before: what came from that one is void. */
  const adopt = (found: Durable): void => {
    if (sameDurable(known, found)) return;
    generation.current = false;
    buffer.clear();
    generation = { current: true, streamCreatedAt: found.streamCreatedAt };
    known = found;
  };

  const runSession = async (): Promise<string> => {
    const found = await ensureDurable({
      nats,
      stream,
      durable,
      filterSubject: options.filterSubject,
      maxAckPending: options.maxAckPending ?? 4_096,
      ackWaitMs: options.ackWaitMs ?? 30_000,
    });
    adopt(found);
    if (abort.signal.aborted) return 'closed';
    const mine = generation;
    session = openPullSession({
      nats,
      stream: stream.name,
      durable,
      next,
      onMessage: (message) => buffer.push(toReceivedMessage(message, mine)),
    });
    const reason = await session.ended;
    session = undefined;
    return reason;
  };

  const run = async (): Promise<void> => {
    let delayMs = retryFirstMs;
    while (!abort.signal.aborted) {
      const startedAt = performance.now();
      const reason = await runSession().catch((error) =>
        error instanceof Error ? error.message : String(error),
      );
      if (abort.signal.aborted) return;
      // A session that lasted shows that all was well; only failures in a row wait longer and longer.
      delayMs = performance.now() - startedAt > 10_000 ? retryFirstMs : delayMs;
      nats.logger.warn(
        { ...context, reason },
        `reading of ${stream.name} was interrupted (${reason}); starting again`,
      );
      await delay(delayMs, undefined, { signal: abort.signal }).catch(() => {});
      delayMs = Math.min(delayMs * 2, retryMaxMs);
    }
  };
  const running = run();

  const stop = async (): Promise<void> => {
    abort.abort(new Error('stopped'));
    session?.end('closed');
    buffer.close();
    await running;
    const left = buffer.clear();
    if (nats.isConnected()) for (const message of left) message.nak();
  };

  return {
    isPulling: () => session !== undefined && nats.isConnected(),
    stop,
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          const batch = await buffer.next();
          if (batch === undefined) return;
          session?.more();
          yield batch;
        }
      } finally {
        await stop();
      }
    },
  };
}
