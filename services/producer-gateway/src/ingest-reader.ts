import { FencedError } from '@hookline/event-log';
import { reasonOf } from '@hookline/service-runtime';
import { createBatchComposer } from './batch-composer.ts';
import { createIngestHandler, type IngestHandlerOptions } from './ingest-handler.ts';
import { type IngestLanesOptions, openIngestLanes } from './ingest-lanes.ts';
import { patiently } from './patiently.ts';
import type { ReaderHistory, ReaderRecord } from './reader-record.ts';
import { messageKey } from './rejections.ts';

export interface IngestReaderOptions
  extends Omit<IngestHandlerOptions, 'signal' | 'isPoison'>,
    Omit<IngestLanesOptions, 'onMessage'> {
  readonly record: ReaderRecord;
  /** What became of the readers before. */
  readonly history: ReaderHistory;
}

export interface IngestReader {
  /** Why it reads no more: it was told to stop, or another gateway has taken over. Never rejects. */
  readonly ended: Promise<'stopped' | 'fenced'>;
  /** Takes no further batch and resolves when the one under way is done. */
  stop(): Promise<void>;
}

/** The longest it waits for a message before it looks again, in case that a quota was raised. */
const LOOK_EVERY_MS = 1_000;
/** After so many crashes in a row messages are handled one by one, to find out which it is. */
const CRASHES_MAX = 5;
/** How many are, at most: more than were in hand when the readers before crashed. */
const ALONE_MAX = 1_000;

/**
 * Reads the lanes of a shard of INGEST and appends what they hold, one batch over all of them after
 * the other, each lane in its order.
 */
export function startIngestReader(options: IngestReaderOptions): IngestReader {
  const { logger, metrics, record, history, place } = options;
  const abort = new AbortController();
  const patience = { signal: abort.signal, logger };
  let wake = (): void => {};
  const { lanes, stop } = openIngestLanes({ ...options, onMessage: () => wake() });
  const compose = createBatchComposer({ ...options, lanes });
  const { suspect } = history;
  const handle = createIngestHandler({
    ...options,
    signal: abort.signal,
    isPoison: (message) => suspect !== undefined && messageKey(message) === suspect,
  });

  const untilWoken = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => wake(), ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (abort.signal.aborted) wake();
    });

  const isQuiet = (): boolean => {
    const { open, pulling } = lanes.counts();
    return open === pulling && lanes.waiting().length === 0;
  };

  /** Handles messages one by one, each written down before, until one is poison or all are handled. */
  const readAlone = async (): Promise<void> => {
    logger.warn({ ...history }, 'messages are handled one by one: readers before have crashed');
    for (let handled = 0; handled < ALONE_MAX && !abort.signal.aborted; ) {
      const { messages, throttledMs = LOOK_EVERY_MS } = compose(1);
      const [message] = messages;
      if (message === undefined) {
        await untilWoken(Math.min(throttledMs, LOOK_EVERY_MS));
        if (isQuiet()) return;
        continue;
      }
      const key = messageKey(message);
      await patiently(() => record.trying(key), patience);
      await handle(messages);
      if (key === suspect) return;
      handled += 1;
    }
  };

  const readOn = async (): Promise<void> => {
    const isAlone = suspect !== undefined || history.crashes >= CRASHES_MAX;
    if (isAlone) await readAlone();
    // Told once and not for each batch: whatever ended the readers before is behind us.
    let told = false;
    while (!abort.signal.aborted) {
      const { messages, throttledMs = LOOK_EVERY_MS } = compose();
      if (messages.length > 0) await handle(messages);
      if ((messages.length > 0 || isAlone) && !told) {
        await patiently(() => record.progressed(), patience);
        told = true;
      }
      if (messages.length === 0) await untilWoken(Math.min(throttledMs, LOOK_EVERY_MS));
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

  const counting = setInterval(() => metrics.lanes(place.shard, lanes.counts()), LOOK_EVERY_MS);

  const ended = read().finally(async () => {
    clearInterval(counting);
    metrics.lanes(place.shard, { open: 0, pulling: 0 });
    await stop();
    // When it cannot be written, the next reader takes this one for crashed, which costs nothing yet.
    await record.released().catch(() => {});
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
