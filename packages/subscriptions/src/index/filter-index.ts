import type { AcceptedEvent } from '@hookline/contracts';
import { getFormat, type WebhookFormat } from '@hookline/webhook-formats';
import { compileFilter } from '../domain/compile-filter.ts';
import type { SubscriptionFilter } from '../domain/filter.ts';
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

/** An item and what its filter asks beyond type and subject, compiled when it was filed. */
interface Compiled<Item extends Filed> {
  readonly item: Item;
  readonly filter: SubscriptionFilter;
  readonly takes: ReturnType<typeof compileFilter>;
}

interface FormatIndex<Item extends Filed> {
  readonly format: WebhookFormat;
  readonly patterns: PatternIndex<FilterBucket<Compiled<Item>>>;
  readonly compiled: Map<Item, Compiled<Item>>;
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
    const patterns = createPatternIndex<FilterBucket<Compiled<Item>>>(createFilterBucket);
    const made = { format, patterns, compiled: new Map<Item, Compiled<Item>>() };
    formats.set(name, made);
    return made;
  };

  return {
    add(item) {
      const index = indexOf(item.format);
      if (index === undefined || index.compiled.has(item)) return;
      const { filter } = item;
      const compiled = { item, filter, takes: compileFilter(filter) };
      index.compiled.set(item, compiled);
      for (const pattern of filter.types) index.patterns.bucket(pattern).add(compiled);
    },
    remove(item) {
      const index = formats.get(item.format);
      const compiled = index?.compiled.get(item);
      if (index === undefined || compiled === undefined) return;
      index.compiled.delete(item);
      for (const pattern of item.filter.types) {
        const bucket = index.patterns.bucket(pattern);
        bucket.remove(compiled);
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
    const seen = { event, phase, ...(status !== undefined && { status }) };
    const consider = ({ item, takes }: Compiled<Item>): void => {
      if (!matched.has(item) && takes(seen)) matched.add(item);
    };
    patterns.visit(name, (bucket) => bucket.visit(event, consider));
  }
}
