import type { ReceivedMessage } from './received-message.ts';

export interface BatchBufferOptions {
  readonly batchMax: number;
  readonly batchBytesMax: number;
  /** How long a batch waits for more once it has a message. 0: take what is there. */
  readonly batchWaitMs: number;
}

/** Messages waiting to be handed out as batches. */
export interface BatchBuffer {
  push(message: ReceivedMessage): void;
  /** The next batch, never empty; undefined once the buffer is closed. One caller at a time. */
  next(): Promise<ReceivedMessage[] | undefined>;
  /** Empties the buffer and returns what was in it. */
  clear(): ReceivedMessage[];
  close(): void;
  length(): number;
  bytes(): number;
}

/** Collects messages and hands them out in batches bounded by number, bytes and waiting time. */
export function createBatchBuffer(options: BatchBufferOptions): BatchBuffer {
  const { batchMax, batchBytesMax, batchWaitMs } = options;
  let messages: ReceivedMessage[] = [];
  let bytes = 0;
  let closed = false;
  let changed: (() => void) | undefined;

  const signal = (): void => {
    const resolve = changed;
    changed = undefined;
    resolve?.();
  };
  const isFull = (): boolean => messages.length >= batchMax || bytes >= batchBytesMax;

  /** Waits until `until` holds, the buffer is closed, or the time is over. */
  const waitFor = async (until: () => boolean, waitMs?: number): Promise<void> => {
    let expired = false;
    const expire = (): void => {
      expired = true;
      signal();
    };
    const timer = waitMs === undefined ? undefined : setTimeout(expire, waitMs);
    while (!until() && !closed && !expired) {
      await new Promise<void>((resolve) => {
        changed = resolve;
      });
    }
    clearTimeout(timer);
  };

  const take = (): ReceivedMessage[] => {
    let size = 0;
    let count = 0;
    for (const message of messages) {
      if (count === batchMax || (count > 0 && size + message.size > batchBytesMax)) break;
      size += message.size;
      count += 1;
    }
    const batch = messages.slice(0, count);
    messages = messages.slice(count);
    bytes -= size;
    return batch;
  };

  return {
    push(message) {
      messages.push(message);
      bytes += message.size;
      signal();
    },
    async next() {
      for (;;) {
        await waitFor(() => messages.length > 0);
        if (batchWaitMs > 0 && !isFull()) await waitFor(isFull, batchWaitMs);
        if (closed) return undefined;
        // The buffer may have been cleared while the batch waited for more.
        if (messages.length > 0) return take();
      }
    },
    clear() {
      const cleared = messages;
      messages = [];
      bytes = 0;
      return cleared;
    },
    close() {
      closed = true;
      signal();
    },
    length: () => messages.length,
    bytes: () => bytes,
  };
}
