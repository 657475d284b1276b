import type { ChatRequest } from './stand-in.ts';

/** Why a service does not take a message. */
export class ChatRefusal extends Error {
  readonly status: number;
  constructor(reason: string, status = 400) {
    super(reason);
    this.name = 'ChatRefusal';
    this.status = status;
  }
}

type Members = Readonly<Record<string, unknown>>;

export interface TextRule {
  /** Characters, counted as code points. */
  readonly max: number;
}

/** An object of a message, read member by member; whatever is wrong throws ChatRefusal with its place. */
export interface Shape {
  readonly members: Members;
  has(key: string): boolean;
  /** A text that must be there, and not blank. */
  text(key: string, rule: TextRule): string;
  optionalText(key: string, rule: TextRule): string | undefined;
  /** A list that must be there with 1 to `max` entries. */
  list(key: string, rule: { readonly max: number }): readonly unknown[];
  optionalList(key: string, rule: { readonly max: number }): readonly unknown[];
  /** A whole number from `min` to `max`. */
  integer(key: string, range: { readonly min: number; readonly max: number }): number;
  /** An absolute http or https address. */
  webAddress(key: string, rule: TextRule): string;
  refuse(key: string, fault: string): never;
}

/** The value as an object of these members and no others. */
export function shapeOf(value: unknown, path: string, known: readonly string[]): Shape {
  const refuse = (key: string, fault: string): never => {
    throw new ChatRefusal(`${[path, key].filter(Boolean).join('.')}: ${fault}`);
  };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse('', 'must be an object');
  }
  const members = value as Members;
  for (const key of Object.keys(members)) {
    if (!known.includes(key)) refuse(key, 'is not a known member');
  }
  const text = (key: string, { max }: TextRule): string => {
    const found = members[key];
    if (typeof found !== 'string' || found.trim() === '') return refuse(key, 'must be a text');
    const length = [...found].length;
    return length > max ? refuse(key, `has ${length} characters, ${max} are the most`) : found;
  };
  const list = (key: string, { max }: { readonly max: number }): readonly unknown[] => {
    const found = members[key];
    if (!Array.isArray(found) || found.length === 0) return refuse(key, 'must be a list');
    return found.length > max ? refuse(key, `has more than ${max} entries`) : found;
  };
  const has = (key: string) => members[key] !== undefined;
  return {
    members,
    has,
    text,
    list,
    refuse,
    optionalText: (key, rule) => (has(key) ? text(key, rule) : undefined),
    optionalList: (key, rule) => (has(key) ? list(key, rule) : []),
    integer: (key, { min, max }) => {
      const number = members[key];
      return Number.isInteger(number) && Number(number) >= min && Number(number) <= max
        ? Number(number)
        : refuse(key, `must be a whole number from ${min} to ${max}`);
    },
    webAddress: (key, rule) => {
      const address = text(key, rule);
      return /^https?:$/.test(URL.parse(address)?.protocol ?? '')
        ? address
        : refuse(key, 'must be an http or https address');
    },
  };
}

/** The body as JSON; any other content type is refused. */
export function jsonOf({ contentType, body }: ChatRequest): unknown {
  if (!/^application\/json\s*(;|$)/i.test(contentType)) {
    throw new ChatRefusal(`content type ${contentType || '(none)'}: must be application/json`, 415);
  }
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new ChatRefusal('the body is no JSON');
  }
}

/** The path without its query when the method is POST and the pattern fits; else refused with `status`. */
export function checkAddress(request: ChatRequest, pattern: RegExp, status = 404): URL {
  const url = new URL(request.path, 'http://chat.test');
  if (request.method !== 'POST') throw new ChatRefusal('Method Not Allowed', 405);
  if (!pattern.test(url.pathname)) throw new ChatRefusal('Not Found', status);
  return url;
}

/** `&lt;`, `&gt;`, `&quot;` and `&amp;` as what they stand for. */
export function withoutEntities(text: string): string {
  const characters: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', amp: '&' };
  return text.replaceAll(/&(lt|gt|quot|amp);/g, (_, name: string) => characters[name] ?? '');
}
