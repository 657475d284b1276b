import { type AcceptedEvent, formatSequence, memberText } from '@hookline/contracts';

const DATA = 'data.';

/** Reads one attribute of events; what its name means has been found out by then. */
export type AttributeReader = (event: AcceptedEvent) => string | undefined;

/**
 * Reads the text of an attribute, extension or `data.` path. Numbers and booleans of the payload are
 * their JSON text as published; objects, arrays and null count as absent.
 */
export function attributeReader(name: string): AttributeReader {
  if (name.startsWith(DATA)) {
    const path = name.slice(DATA.length).split('.');
    return (event) => dataText(event, name, path);
  }
  const own = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (own !== undefined) return own;
  return ({ extensions }) => (Object.hasOwn(extensions, name) ? extensions[name] : undefined);
}

const attributes: Readonly<Record<string, AttributeReader>> = {
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

function dataText(event: AcceptedEvent, name: string, path: readonly string[]): string | undefined {
  let texts = lookedUp.get(event);
  if (texts === undefined) {
    texts = new Map();
    lookedUp.set(event, texts);
  }
  if (!texts.has(name)) texts.set(name, scalarAt(event.data, path));
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
