import { WebhookError } from './webhook-error.ts';

/**
 * Headers in any of the shapes that servers give: Web `Headers`, Node's `request.headers`,
 * `rawHeaders` (names and values in turn), or a list of pairs. Names in any case.
 */
export type HeadersLike =
  | WebHeaders
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | readonly string[]
  | readonly (readonly [string, string])[];

/** What is used of Web `Headers`, so that the DOM's types are not needed. */
export interface WebHeaders {
  forEach(callback: (value: string, name: string) => void): void;
}

/** Values by name in lower case, in the order they came. */
export type HeaderMap = ReadonlyMap<string, readonly string[]>;

/** One shape of all; nothing is checked here. */
export function readHeaders(headers: HeadersLike): HeaderMap {
  const map = new Map<string, string[]>();
  const add = (name: string, value: string) => {
    const values = map.get(name.toLowerCase());
    if (values === undefined) map.set(name.toLowerCase(), [value]);
    else values.push(value);
  };
  if (Array.isArray(headers)) addList(headers, add);
  else if (isWebHeaders(headers)) {
    headers.forEach((value, name) => {
      add(name, value);
    });
  } else {
    for (const [name, value] of Object.entries(headers)) {
      for (const each of typeof value === 'string' ? [value] : (value ?? [])) add(name, each);
    }
  }
  return map;
}

function addList(
  list: readonly string[] | readonly (readonly [string, string])[],
  add: (name: string, value: string) => void,
): void {
  const flat = list.flat() as string[];
  for (let index = 0; index + 1 < flat.length; index += 2) {
    add(flat[index] as string, flat[index + 1] as string);
  }
}

function isWebHeaders(headers: object): headers is WebHeaders {
  return typeof (headers as Partial<WebHeaders>).forEach === 'function';
}

/** The value of a header; undefined when it is absent or empty. Throws when it came more than once. */
export function optionalHeader(headers: HeaderMap, name: string): string | undefined {
  const values = headers.get(name.toLowerCase()) ?? [];
  if (values.length > 1) {
    throw new WebhookError('invalid_header', `the header ${name} came ${values.length} times`);
  }
  return values[0] === '' ? undefined : values[0];
}

/** The first value of a header that proves nothing: that it came twice is no reason to refuse. */
export function firstHeader(headers: HeaderMap, name: string): string | undefined {
  return headers.get(name.toLowerCase())?.[0] || undefined;
}

/** The value of a header that must be there. */
export function requiredHeader(headers: HeaderMap, name: string): string {
  const value = optionalHeader(headers, name);
  if (value === undefined) {
    throw new WebhookError('missing_header', `the header ${name} is missing`);
  }
  return value;
}
