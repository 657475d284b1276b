/** What a tail shows next. */
export type TailItem<T> =
  | { readonly kind: 'item'; readonly item: T }
  | { readonly kind: 'gap'; readonly dropped: number };

/** What a reader has not taken yet, bounded: what comes beyond is counted and dropped. */
export interface TailBuffer<T> {
  add(item: T): void;
  /** Notes that some were missed, it is not known how many. */
  addGap(): void;
  /** The next one; a gap comes after what was kept before it. undefined: nothing now. */
  take(): TailItem<T> | undefined;
}

/** A reader that is slower than what happens gets the beginning of a burst, and is told how much it missed. */
export function createTailBuffer<T>(itemsMax: number): TailBuffer<T> {
  let items: T[] = [];
  let taken = 0;
  let dropped: number | undefined;
  return {
    add(item) {
      // After a gap nothing is kept until the reader has seen it: order tells when it was.
      if (dropped !== undefined || items.length - taken >= itemsMax) dropped = (dropped ?? 0) + 1;
      else items.push(item);
    },
    addGap() {
      dropped ??= 0;
    },
    take() {
      if (taken < items.length) {
        const item = items[taken] as T;
        taken += 1;
        if (taken === items.length) {
          items = [];
          taken = 0;
        }
        return { kind: 'item', item };
      }
      if (dropped === undefined) return undefined;
      const gap = { kind: 'gap', dropped } as const;
      dropped = undefined;
      return gap;
    },
  };
}
