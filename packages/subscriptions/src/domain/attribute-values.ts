import { type AcceptedEvent, formatSequence, memberText } from '@hookline/contracts';
import type { AttributeExpression, AttributeValues } from './filter.ts';

const DATA = 'data.';

/** Whether the expression is true of the event. Attributes it has not make comparisons false. */
export function isTrueOf(expression: AttributeExpression, event: AcceptedEvent): boolean {
  if ('exact' in expression) return every(expression.exact, event, (text, want) => text === want);
  if ('prefix' in expression) {
    return every(expression.prefix, event, (text, want) => text.startsWith(want));
  }
  if ('suffix' in expression) {
    return every(expression.suffix, event, (text, want) => text.endsWith(want));
  }
  if ('all' in expression) return expression.all.every((part) => isTrueOf(part, event));
  if ('any' in expression) return expression.any.some((part) => isTrueOf(part, event));
  return !isTrueOf(expression.not, event);
}

function every(
  values: AttributeValues,
  event: AcceptedEvent,
  holds: (text: string, wanted: string) => boolean,
): boolean {
  for (const name in values) {
    const text = attributeOf(event, name);
    if (text === undefined || !holds(text, values[name] as string)) return false;
  }
  return true;
}

/**
 * The text of an attribute, extension or `data.` path. Numbers and booleans of the payload are
 * their JSON text as published; objects, arrays and null count as absent.
 */
export function attributeOf(event: AcceptedEvent, name: string): string | undefined {
  if (name.startsWith(DATA)) return dataText(event, name);
  const own = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (own !== undefined) return own(event);
  return Object.hasOwn(event.extensions, name) ? event.extensions[name] : undefined;
}

const attributes: Readonly<Record<string, (event: AcceptedEvent) => string | undefined>> = {
  specversion: () => '1.0',
  id: (event) => event.id,
  source: (event) => event.source,
  type: (event) => event.type,
  time: (event) => event.time,
  subject: (event) => event.subject,
  phase: (event) => event.phase,
  status: (event) => event.status,
  sequence: (event) => formatSequence(event.sequence),
};

/** Paths looked up once per event, however many subscriptions ask for them. */
const lookedUp = new WeakMap<AcceptedEvent, Map<string, string | undefined>>();

function dataText(event: AcceptedEvent, name: string): string | undefined {
  let texts = lookedUp.get(event);
  if (texts === undefined) {
    texts = new Map();
    lookedUp.set(event, texts);
  }
  if (!texts.has(name)) texts.set(name, scalarAt(event.data, name.slice(DATA.length).split('.')));
  return texts.get(name);
}

function scalarAt(json: string, path: readonly string[]): string | undefined {
  let text: string | undefined = json.trim();
  for (const key of path) {
    if (text?.[0] !== '{') return undefined;
    text = memberText(text, key);
  }
  if (text === undefined || text[0] === '{' || text[0] === '[' || text === 'null') return undefined;
  return text[0] === '"' ? (JSON.parse(text) as string) : text;
}
