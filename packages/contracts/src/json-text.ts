/** Where one member of a JSON object stands in its text; offsets are string indices, end exclusive. */
export interface JsonMember {
  readonly key: string;
  readonly keyStart: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

function skipWhitespace(text: string, start: number): number {
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
    at += 1;
  }
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

function endOfContainer(text: string, start: number): number {
  let depth = 0;
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
      continue;
    }
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1;
    if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
    at += 1;
  }
}

function endOfScalar(text: string, start: number): number {
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (Number.isNaN(code) || code === COMMA || code <= 0x20) return at;
    if (code === CLOSE_BRACE || code === CLOSE_BRACKET) return at;
    at += 1;
  }
}

function endOfValue(text: string, start: number): number {
  const code = text.charCodeAt(start);
  if (code === QUOTE) return endOfString(text, start);
  if (code === OPEN_BRACE || code === OPEN_BRACKET) return endOfContainer(text, start);
  return endOfScalar(text, start);
}

/**
 * Finds the members of the JSON object that `text` holds, without parsing their values: a value can
 * so be taken out or left out with its bytes, its key order and the spelling of its numbers kept.
 *
 * `text` must be valid JSON of an object (JSON.parse accepted it); the scan relies on that.
 * A repeated key is listed each time; JSON.parse keeps the last of them.
 */
export function topLevelMembers(text: string): JsonMember[] {
  const members: JsonMember[] = [];
  let at = skipWhitespace(text, text.indexOf('{') + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const keyStart = at;
    const keyEnd = endOfString(text, keyStart);
    const valueStart = skipWhitespace(text, skipWhitespace(text, keyEnd) + 1);
    const valueEnd = endOfValue(text, valueStart);
    members.push({
      key: JSON.parse(text.slice(keyStart, keyEnd)) as string,
      keyStart,
      valueStart,
      valueEnd,
    });
    at = skipWhitespace(text, valueEnd);
    if (text.charCodeAt(at) !== COMMA) break;
    at = skipWhitespace(text, at + 1);
  }
  return members;
}

/** The text of the last member of this name, as JSON.parse would choose it; undefined without one. */
export function memberText(text: string, key: string): string | undefined {
  const member = topLevelMembers(text).findLast((candidate) => candidate.key === key);
  return member && text.slice(member.valueStart, member.valueEnd);
}

/**
 * The elements of the JSON array that `text` holds, each as its own text; `text` must be valid JSON
 * of an array.
 */
export function elementTexts(text: string): string[] {
  const elements: string[] = [];
  let at = skipWhitespace(text, text.indexOf('[') + 1);
  while (text.charCodeAt(at) !== CLOSE_BRACKET) {
    const end = endOfValue(text, at);
    elements.push(text.slice(at, end));
    at = skipWhitespace(text, end);
    if (text.charCodeAt(at) === COMMA) at = skipWhitespace(text, at + 1);
  }
  return elements;
}
