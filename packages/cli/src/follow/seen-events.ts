/** An event as far as following needs to know it. */
export interface FollowedEvent {
  readonly id: string;
  readonly position: bigint;
  readonly acceptTime?: Date | undefined;
}

/**
 * Which events were seen, and from when on to look: an event that is committed late has an earlier
 * time than some that were seen before it, so each look reaches back by the overlap.
 */
export interface SeenEvents {
  /** Those of a look that were not seen before, in the order of the log; they count as seen. */
  take<E extends FollowedEvent>(events: readonly E[]): readonly E[];
  isSeen(id: string): boolean;
  /** From when on to look next; undefined while nothing is known. */
  from(): Date | undefined;
}

/** Commits take milliseconds; this covers a store that hesitates. */
const OVERLAP_MS = 10_000;
/** More ids than looks of one overlap read; beyond, the oldest is forgotten. */
const SEEN_MAX = 20_000;

export function createSeenEvents(since?: Date): SeenEvents {
  const seen = new Set<string>();
  let newest: Date | undefined;
  return {
    take(events) {
      const fresh = events.filter(({ id }) => !seen.has(id));
      for (const { id, acceptTime } of fresh) {
        seen.add(id);
        if (acceptTime !== undefined && (newest === undefined || acceptTime > newest)) {
          newest = acceptTime;
        }
      }
      for (const id of seen) {
        if (seen.size <= SEEN_MAX) break;
        seen.delete(id);
      }
      return fresh.toSorted((a, b) => (a.position < b.position ? -1 : 1));
    },
    isSeen: (id) => seen.has(id),
    from: () => {
      if (newest === undefined) return since;
      const reach = newest.getTime() - OVERLAP_MS;
      return new Date(since === undefined ? reach : Math.max(reach, since.getTime()));
    },
  };
}
