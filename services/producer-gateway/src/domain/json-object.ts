import { isUtf8 } from 'node:buffer';
import { ContractError, INGEST_MESSAGE_BYTES_MAX } from '@hookline/contracts';

/** JSON as it was published and as JSON.parse read it. */
export interface JsonText {
  readonly text: string;
  readonly value: unknown;
}

/** A JSON object as it was published and as JSON.parse read it; it is parsed this once. */
export interface JsonObject {
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Deepest nesting of objects and lists; formats and clients walk the data recursively. */
export const NESTING_MAX = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** An escaped NUL: an even number of backslashes before the escape, since `\\u0000` is only text. */
const ESCAPED_NUL = /(?<!\\)(?:\\\\)*\\u0000/;

/** Reads the body of a message. Throws ContractError saying what is wrong and how to mend it. */
export function readJsonObject(body: Uint8Array): JsonObject {
  return asObject(readBody(body), 'the body');
}

/**
 * Reads a body of any JSON, a list for instance, under the same checks. An empty one has no value.
 * Throws ContractError.
 */
export function readJson(body: Uint8Array): JsonText {
  return body.byteLength === 0 ? { text: '', value: undefined } : readBody(body);
}

function readBody(body: Uint8Array): JsonText {
  if (body.byteLength > INGEST_MESSAGE_BYTES_MAX) throw tooLarge('the body', body.byteLength);
  if (!isUtf8(body)) {
    throw new ContractError('invalid_utf8', 'the body is not UTF-8; send JSON encoded as UTF-8');
  }
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  return parseJson(text, 'the body');
}

/** Reads JSON text of an object; `what` names it in errors, `field` is the field at fault. */
export function readJsonObjectText(text: string, what: string, field: string): JsonObject {
  const bytes = Buffer.byteLength(text);
  if (bytes > INGEST_MESSAGE_BYTES_MAX) throw tooLarge(what, bytes, field);
  return asObject(parseJson(text, what, field), what, field);
}

function asObject({ text, value }: JsonText, what: string, field?: string): JsonObject {
  if (isObject(value)) return { text, value };
  throw new ContractError(
    'not_an_object',
    `${what} is ${kindOf(value)}; send a JSON object, such as {"server_id":"42"}`,
    field,
  );
}

function parseJson(text: string, what: string, field?: string): JsonText {
  if (text.includes('\u0000') || (text.includes('\\u0000') && ESCAPED_NUL.test(text))) {
    throw new ContractError(
      'nul_character',
      `${what} holds the character U+0000, which cannot be stored; leave it out, or send binary data as base64`,
      field,
    );
  }
  const value = parse(text, what, field);
  if (isNestedTooDeeply(text)) {
    throw new ContractError(
      'nested_too_deeply',
      `${what} is nested more than ${NESTING_MAX} levels deep; send a flatter object`,
      field,
    );
  }
  return { text, value };
}

function parse(text: string, what: string, field: string | undefined): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 200) : String(error);
    throw new ContractError(
      'not_json',
      `${what} is not JSON (${reason}); send a JSON object`,
      field,
    );
  }
}

/** Whether a parsed value is a JSON object, neither null nor a list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a parsed JSON value is, in words. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Counts brackets outside strings, in text that JSON.parse has accepted. */
function isNestedTooDeeply(text: string): boolean {
  if (text.length <= NESTING_MAX * 2) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = closingQuote(text, at);
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1;
      if (depth > NESTING_MAX) return true;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1;
  }
  return false;
}

function closingQuote(text: string, start: number): number {
  let at = text.indexOf('"', start + 1);
  while (isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at;
}

function isEscaped(text: string, quote: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}

function tooLarge(what: string, bytes: number, field?: string): ContractError {
  return new ContractError(
    'too_large',
    `${what} has ${bytes} bytes; at most ${INGEST_MESSAGE_BYTES_MAX} are taken, so send less, or a link to the rest`,
    field,
  );
}
