import type { AcceptedEvent } from '@hookline/contracts';
import { getFormat, type WebhookFormat } from '@hookline/webhook-formats';
import { isTrueOf } from '../domain/attribute-values.ts';
import { type SubscriptionFilter, takesPhase, takesStatus } from '../domain/filter.ts';
import { createFilterBucket, type FilterBucket } from './filter-bucket.ts';
import { createPatternIndex, type PatternIndex } from './pattern-index.ts';

/** What is filed: a filter, and the format whose names it speaks. */
export interface Filed {
  readonly format: string;
  readonly filter: SubscriptionFilter;
}

/** Finds, among many filters, those that take an event. */
export interface FilterIndex<Item extends Filed> {
  add(item: Item): void;
  /** Takes out an item that was added, and nothing else of the same content. */
  remove(item: Item): void;
  /** Every item whose filter takes the event, each once, in no order that may be relied on. */
  match(event: AcceptedEvent): Item[];
  isEmpty(): boolean;
}

interface FormatIndex<Item> {
  readonly format: WebhookFormat;
  readonly patterns: PatternIndex<FilterBucket<Item>>;
}

/**
 * Files filters by format, type pattern, and subject or a value they ask for, so that an event meets
 * only the filters that name it: 100,000 customers who each want `server.*` of their own server cost
 * as little as one. Phases, statuses and expressions are checked on what is left.
 *
 * How a format sees an event (its own names, projections) comes from the format's filterViews.
 */
export function createFilterIndex<Item extends Filed>(): FilterIndex<Item> {
  const formats = new Map<string, FormatIndex<Item>>();

  const indexOf = (name: string): FormatIndex<Item> | undefined => {
    const known = formats.get(name);
    if (known !== undefined) return known;
    // A format this version does not know matches nothing: it could not be sent either.
    const format = getFormat(name);
    if (format === undefined) return undefined;
    const patterns = createPatternIndex<FilterBucket<Item>>(createFilterBucket);
    const made = { format, patterns };
    formats.set(name, made);
    return made;
  };

  return {
    add(item) {
      const index = indexOf(item.format);
      if (index === undefined) return;
      for (const pattern of item.filter.types) index.patterns.bucket(pattern).add(item);
    },
    remove(item) {
      const index = formats.get(item.format);
      if (index === undefined) return;
      for (const pattern of item.filter.types) {
        const bucket = index.patterns.bucket(pattern);
        bucket.remove(item);
        if (bucket.isEmpty()) index.patterns.drop(pattern);
      }
      if (index.patterns.isEmpty()) formats.delete(item.format);
    },
    match(event) {
      const matched = new Set<Item>();
      for (const index of formats.values()) matchFormat(index, event, matched);
      return [...matched];
    },
    isEmpty: () => formats.size === 0,
  };
}

function matchFormat<Item extends Filed>(
  { format, patterns }: FormatIndex<Item>,
  event: AcceptedEvent,
  matched: Set<Item>,
): void {
  for (const { name, phase, status } of format.filterViews(event)) {
    const consider = (item: Item): void => {
      if (matched.has(item)) return;
      const { filter } = item;
      if (!takesPhase(filter, phase) || !takesStatus(filter, status)) return;
      if (filter.attributes.every((expression) => isTrueOf(expression, event))) matched.add(item);
    };
    patterns.visit(name, (bucket) => bucket.visit(event, consider));
  }
}
