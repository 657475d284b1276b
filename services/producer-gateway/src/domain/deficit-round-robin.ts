/** One of the queues that a batch is composed over. */
export interface FairQueue<T> {
  readonly name: string;
  peek(): T | undefined;
  /** Takes what `peek` showed. */
  shift(): T | undefined;
  /** Whether it may give one more now. */
  mayGive(): boolean;
}

export interface FairComposerOptions<T> {
  readonly costOf: (item: T) => number;
  /** What a queue may give in one turn; what is left of it counts in the next. */
  readonly quantum: number;
}

/**
 * Takes from queues in turns until `fits` says that the batch is full, or nothing may be taken.
 * `fits` is asked before each item, with those taken so far.
 */
export type FairComposer<T> = (
  queues: Iterable<FairQueue<T>>,
  fits: (item: T, taken: readonly T[]) => boolean,
) => T[];

interface Turn<T> {
  queue: FairQueue<T>;
  deficit: number;
  /** Its turn was cut short by the end of a batch: it goes on without a further quantum. */
  begun: boolean;
}

/**
 * Deficit round robin (Shreedhar and Varghese, 1995): each queue in its turn may give a quantum's
 * worth, and keeps what it could not use because its next item cost more. So a deep queue gets no more
 * than an equal share while others have something, and everything while it is alone. Whose turn it is
 * is remembered from one batch to the next.
 */
export function createFairComposer<T>(options: FairComposerOptions<T>): FairComposer<T> {
  const { costOf, quantum } = options;
  // In the order of their turns; a queue that has nothing to give has none.
  const turns = new Map<string, Turn<T>>();

  const admit = (queues: Iterable<FairQueue<T>>): void => {
    const present = new Set<string>();
    for (const queue of queues) {
      present.add(queue.name);
      const turn = turns.get(queue.name);
      if (turn === undefined) turns.set(queue.name, { queue, deficit: 0, begun: false });
      else turn.queue = queue;
    }
    for (const name of turns.keys()) if (!present.has(name)) turns.delete(name);
  };

  return (queues, fits) => {
    admit(queues);
    const taken: T[] = [];
    for (;;) {
      const [turn] = turns.values();
      if (turn === undefined) return taken;
      const { queue } = turn;
      if (!turn.begun) turn.deficit += quantum;
      turn.begun = true;
      for (;;) {
        const item = queue.peek();
        if (item === undefined || !queue.mayGive()) {
          turns.delete(queue.name);
          break;
        }
        const cost = costOf(item);
        if (cost > turn.deficit) {
          turns.delete(queue.name);
          turns.set(queue.name, { ...turn, begun: false });
          break;
        }
        if (!fits(item, taken)) return taken;
        queue.shift();
        turn.deficit -= cost;
        taken.push(item);
      }
    }
  };
}
