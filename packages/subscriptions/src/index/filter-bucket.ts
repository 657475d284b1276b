import type { AcceptedEvent } from '@hookline/contracts';
import { type AttributeReader, attributeReader } from '../domain/attribute-values.ts';
import type { SubscriptionFilter } from '../domain/filter.ts';

/** Items of one type pattern, filed by what else they ask for. */
export interface FilterBucket<Item> {
  add(item: Item): void;
  remove(item: Item): void;
  /** Calls back with those that the event may be for, perhaps several times with one. */
  visit(event: AcceptedEvent, found: (item: Item) => void): void;
  isEmpty(): boolean;
}

/** Items by a value, of a subject or of one attribute. */
type ByValue<Item> = Map<string, Set<Item>>;

/** Items that ask for one value of an attribute. */
interface Asking<Item> {
  readonly read: AttributeReader;
  readonly values: ByValue<Item>;
}

/**
 * Files an item by its subjects; without any, by a value that one of its expressions asks for exactly,
 * such as the customer a server belongs to; and else among those that take whatever comes. An event
 * then meets those of its own subject and values: what it costs grows with the number of different
 * attributes that are asked for, not with that of the items.
 */
export function createFilterBucket<
  Item extends { readonly filter: SubscriptionFilter },
>(): FilterBucket<Item> {
  const any = new Set<Item>();
  const bySubject: ByValue<Item> = new Map();
  const byAttribute = new Map<string, Asking<Item>>();

  return {
    add(item) {
      const { subjects } = item.filter;
      for (const subject of subjects) addTo(bySubject, subject, item);
      if (subjects.length > 0) return;
      const asked = askedValue(item.filter);
      if (asked === undefined) {
        any.add(item);
        return;
      }
      const { name, value } = asked;
      const asking = byAttribute.get(name) ?? { read: attributeReader(name), values: new Map() };
      byAttribute.set(name, asking);
      addTo(asking.values, value, item);
    },
    remove(item) {
      any.delete(item);
      for (const subject of item.filter.subjects) removeFrom(bySubject, subject, item);
      const asked = askedValue(item.filter);
      const asking = asked && byAttribute.get(asked.name);
      if (asking === undefined) return;
      removeFrom(asking.values, asked?.value ?? '', item);
      if (asking.values.size === 0) byAttribute.delete(asked?.name ?? '');
    },
    visit(event, found) {
      for (const item of any) found(item);
      const named = event.subject === undefined ? undefined : bySubject.get(event.subject);
      if (named !== undefined) for (const item of named) found(item);
      for (const { read, values } of byAttribute.values()) {
        const value = read(event);
        const asking = value === undefined ? undefined : values.get(value);
        if (asking !== undefined) for (const item of asking) found(item);
      }
    },
    isEmpty: () => any.size === 0 && bySubject.size === 0 && byAttribute.size === 0,
  };
}

/** A value that every event of the filter has. The longest is taken: it is the most particular. */
function askedValue({ attributes }: SubscriptionFilter) {
  let asked: { readonly name: string; readonly value: string } | undefined;
  for (const expression of attributes) {
    if (!('exact' in expression)) continue;
    for (const [name, value] of Object.entries(expression.exact)) {
      if (asked === undefined || value.length > asked.value.length) asked = { name, value };
    }
  }
  return asked;
}

function addTo<Item>(items: ByValue<Item>, value: string, item: Item): void {
  const known = items.get(value);
  if (known === undefined) items.set(value, new Set([item]));
  else known.add(item);
}

function removeFrom<Item>(items: ByValue<Item>, value: string, item: Item): void {
  const known = items.get(value);
  known?.delete(item);
  if (known?.size === 0) items.delete(value);
}
