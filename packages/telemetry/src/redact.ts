/**
 * The one list of keys whose values never reach a log, compared without case, `-` and `_`, so that
 * `masterKey`, `master_key` and `MASTER-KEY` are one entry.
 */
export const redactedKeys: readonly string[] = [
  'secret',
  'secrets',
  'clientsecret',
  'webhooksecret',
  'signingsecret',
  'password',
  'passwd',
  'passphrase',
  'token',
  'accesstoken',
  'refreshtoken',
  'bearer',
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'apikey',
  'xapikey',
  'publisherkey',
  'bootstrapapikey',
  'masterkey',
  'privatekey',
  'seed',
  'jwt',
  'creds',
  'credentials',
];

export const redactedText = '[redacted]';

const keys = new Set(redactedKeys);
const depthMax = 6;
const itemsMax = 100;

// Secrets that have a shape of their own are masked in any text, wherever they turn up: passwords in
// URLs, API keys, signing secrets, bearer tokens, and the JWTs and seeds of NATS.
const shapes: readonly (readonly [RegExp, string])[] = [
  [/([a-z][a-z0-9+.-]*:\/\/[^\s:@/]*):[^\s@/]+@/gi, `$1:${redactedText}@`],
  [/\bhk_[A-Za-z0-9_-]{20,}/g, `hk_${redactedText}`],
  [/\bwhsec_[A-Za-z0-9+/=_-]+/g, `whsec_${redactedText}`],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${redactedText}`],
  [/\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*)?/g, redactedText],
  [/\bS[UAOCNX][A-Z2-7]{56}\b/g, redactedText],
];

/** Masks what looks like a secret inside a text: passwords in URLs, API keys, tokens. */
export function redactText(text: string): string {
  let result = text;
  for (const [shape, replacement] of shapes) result = result.replace(shape, replacement);
  return result;
}

function isRedactedKey(key: string): boolean {
  return keys.has(key.replaceAll(/[-_]/g, '').toLowerCase());
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  const own = redactObject(error as unknown as Record<string, unknown>, depth);
  return {
    ...own,
    type: error.name,
    message: redactText(error.message),
    stack: redactText(error.stack ?? ''),
    ...(error.cause === undefined ? {} : { cause: redactValue(error.cause, depth + 1) }),
  };
}

function redactObject(value: Record<string, unknown>, depth: number): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value).slice(0, itemsMax)) {
    result[key] = isRedactedKey(key) ? redactedText : redactValue(member, depth + 1);
  }
  return result;
}

/**
 * A copy of a value that is fit for a log: values of redacted keys and texts shaped like secrets are
 * masked, bytes are given by their number only, bigints become text, and depth (6) and members
 * (100 a level) are bounded.
 */
export function redactValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth > depthMax) return '[deeper]';
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) {
    return value.slice(0, itemsMax).map((item) => redactValue(item, depth + 1));
  }
  if (value instanceof Map) return redactObject(Object.fromEntries(value), depth);
  if (value instanceof Set) return redactValue([...value], depth);
  return redactObject(value as Record<string, unknown>, depth);
}
