/** Refused because the queue is full: what waits would not be written soon enough to be of use. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
}

export interface GroupCommitOptions<Item, Result> {
  /** Writes one group; results in the order of the items. */
  readonly write: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Most items of one group. */
  readonly itemsMax: number;
  /** Most items that wait for their group; one more is refused with QueueFullError. */
  readonly queuedMax: number;
  /**
   * Groups begin so many milliseconds apart at least, unless one is full: fewer and larger commits
   * for items that nobody waits for. Default: 0.
   */
  readonly apartMs?: number;
}

export interface GroupCommit<Item, Result> {
  /** Resolves when the group that holds the item is committed. */
  submit(item: Item): Promise<Result>;
  /** How many items wait. */
  queued(): number;
  /** Refuses further items and resolves when those that wait are written. */
  stop(): Promise<void>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects items that arrive one by one into groups, one commit each.
 *
 * A group is written as soon as the one before it is: under light load an item waits for nobody,
 * under heavy load groups grow by themselves. That beats a fixed delay of 5 ms at both ends.
 */
export function createGroupCommit<Item, Result>(
  options: GroupCommitOptions<Item, Result>,
): GroupCommit<Item, Result> {
  let queue: Waiting<Item, Result>[] = [];
  let stopped = false;
  let running: Promise<void> | undefined;
  let begunAt = Number.NEGATIVE_INFINITY;
  const { apartMs = 0 } = options;

  async function writeGroup(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await options.write(group.map((waiting) => waiting.item));
      for (const [index, waiting] of group.entries()) waiting.resolve(results[index] as Result);
    } catch (error) {
      for (const waiting of group) waiting.reject(error);
    }
  }

  async function untilApart(): Promise<void> {
    const waitMs = begunAt + apartMs - performance.now();
    // A stop waits for nothing but the writing.
    if (waitMs <= 0 || stopped || queue.length >= options.itemsMax) return;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }

  async function drain(): Promise<void> {
    // One turn of the event loop gathers what arrives together, for instance in one read of a socket.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) {
      await untilApart();
      begunAt = performance.now();
      const group = queue.slice(0, options.itemsMax);
      queue = queue.slice(options.itemsMax);
      await writeGroup(group);
    }
    running = undefined;
  }

  return {
    submit(item) {
      if (stopped) return Promise.reject(new Error('the group commit is stopped'));
      if (queue.length >= options.queuedMax) {
        return Promise.reject(new QueueFullError(`${options.queuedMax} items wait already`));
      }
      return new Promise((resolve, reject) => {
        queue.push({ item, resolve, reject });
        running ??= drain();
      });
    },
    queued: () => queue.length,
    async stop() {
      stopped = true;
      await running;
    },
  };
}
