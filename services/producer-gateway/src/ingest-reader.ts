import { type Fence, FencedError } from '@hookline/event-log';
import { reasonOf } from '@hookline/service-runtime';
import { createBatchComposer } from './batch-composer.ts';
import { createIngestHandler, type IngestHandlerOptions } from './ingest-handler.ts';
import { type IngestLanesOptions, openIngestLanes } from './ingest-lanes.ts';

export interface IngestReaderOptions
  extends Omit<IngestHandlerOptions, 'signal'>,
    Omit<IngestLanesOptions, 'onMessage'> {
  /** The lease under which it reads; once that is another's, its appends are refused. */
  readonly fence: Fence;
}

export interface IngestReader {
  /** Why it reads no more: it was told to stop, or another gateway has taken over. Never rejects. */
  readonly ended: Promise<'stopped' | 'fenced'>;
  /** Takes no further batch and resolves when the one under way is done. */
  stop(): Promise<void>;
}

/** The longest it waits for a message before it looks again, in case that a quota was raised. */
const LOOK_EVERY_MS = 1_000;

/**
 * Reads the lanes of a shard of INGEST and appends what they hold, one batch over all of them after
 * the other, each lane in its order.
 */
export function startIngestReader(options: IngestReaderOptions): IngestReader {
  const { logger, metrics } = options;
  const abort = new AbortController();
  let wake = (): void => {};
  const { lanes, stop } = openIngestLanes({ ...options, onMessage: () => wake() });
  const compose = createBatchComposer({ ...options, lanes });
  const handle = createIngestHandler({ ...options, signal: abort.signal });

  const untilWoken = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => wake(), ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (abort.signal.aborted) wake();
    });

  const readOn = async (): Promise<void> => {
    while (!abort.signal.aborted) {
      const { messages, throttledMs = LOOK_EVERY_MS } = compose();
      if (messages.length > 0) await handle(messages);
      else await untilWoken(Math.min(throttledMs, LOOK_EVERY_MS));
    }
  };

  const read = async (): Promise<'stopped' | 'fenced'> => {
    try {
      await readOn();
    } catch (error) {
      if (error instanceof FencedError) return 'fenced';
      // The only other way out of a batch is to be stopped while Postgres is away.
      if (!abort.signal.aborted) logger.error({ err: error }, `reading ended: ${reasonOf(error)}`);
    }
    return 'stopped';
  };

  const counting = setInterval(() => {
    const { open, pulling } = lanes.counts();
    metrics.lanes(open, pulling);
  }, LOOK_EVERY_MS);

  const ended = read().finally(async () => {
    clearInterval(counting);
    metrics.lanes(0, 0);
    await stop();
  });
  return {
    ended,
    async stop() {
      abort.abort(new Error('the reader is stopping'));
      wake();
      await ended;
    },
  };
}
