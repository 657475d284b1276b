export interface SeenIdsOptions {
  /** Most ids that are kept; the one handled longest ago goes first. Default: 10,000. */
  readonly entriesMax?: number;
}

export type OnceOutcome<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  /** Handled before: answer 2xx, so that it is not sent again. */
  | { readonly kind: 'repeat' }
  /** Being handled at this moment, or too much is: answer 503, so that it comes again. */
  | { readonly kind: 'busy' };

/** The ids of webhooks that were handled, so that a repeat is not handled again. */
export interface SeenIds {
  /**
   * Runs `handle` unless the id was handled before. When it throws, the id is forgotten and the
   * error passed on, so that the next attempt is handled.
   */
  once<Result>(id: string, handle: () => Result | Promise<Result>): Promise<OnceOutcome<Result>>;
  /** Lets an id be handled once more, e.g. before a replay that one asked for. */
  forget(id: string): void;
  /** How many ids are kept. */
  readonly size: number;
}

const ENTRIES_MAX = 10_000;

/**
 * Remembers ids in this process's memory, at most `entriesMax`; then the oldest is forgotten, and
 * its repeat would be handled again. At 100 webhooks a second the default reaches back 100 seconds,
 * which covers an answer that was lost, not a retry after hours. It knows nothing of other processes
 * and of before a restart: where a repeat does harm, write the id under a unique constraint in the
 * same transaction as what the webhook causes.
 */
export function createSeenIds(options: SeenIdsOptions = {}): SeenIds {
  const { entriesMax = ENTRIES_MAX } = options;
  if (!Number.isSafeInteger(entriesMax) || entriesMax < 1) {
    throw new RangeError(`entriesMax is ${entriesMax}; use a whole number from 1`);
  }
  const handled = new Set<string>();
  const running = new Set<string>();

  const remember = (id: string) => {
    if (handled.size >= entriesMax) {
      for (const oldest of handled) {
        handled.delete(oldest);
        break;
      }
    }
    handled.add(id);
  };

  return {
    async once(id, handle) {
      if (handled.has(id)) return { kind: 'repeat' };
      if (running.has(id) || running.size >= entriesMax) return { kind: 'busy' };
      running.add(id);
      try {
        const result = await handle();
        remember(id);
        return { kind: 'done', result };
      } finally {
        running.delete(id);
      }
    },
    forget: (id) => void handled.delete(id),
    get size() {
      return handled.size;
    },
  };
}
