import { topLevelMembers } from './json-text.ts';

/** Whether a JSON text is an object. */
export function isObjectText(text: string): boolean {
  return text.trimStart().startsWith('{');
}

/** The members of a JSON object as texts, in order; a repeated key has its last value, as in JSON.parse. */
export function membersOf(text: string): ReadonlyMap<string, string> {
  const members = new Map<string, string>();
  if (!isObjectText(text)) return members;
  for (const { key, valueStart, valueEnd } of topLevelMembers(text)) {
    members.set(key, text.slice(valueStart, valueEnd));
  }
  return members;
}

/** A JSON object of members that are JSON texts already. */
export function objectText(members: Iterable<readonly [string, string]>): string {
  return `{${Array.from(members, ([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;
}

/**
 * The JSON text without the top-level members of these names: all that stays keeps its bytes, its
 * order and its white space. A text that has none of them, or is no object, is returned unchanged.
 */
export function withoutMembers(text: string, names: ReadonlySet<string>): string {
  if (!isObjectText(text)) return text;
  const members = topLevelMembers(text);
  const kept = members.filter(({ key }) => !names.has(key));
  const last = members.at(-1);
  if (last === undefined || kept.length === members.length) return text;
  if (kept.length === 0) return '{}';
  let result = text.slice(0, members[0]?.keyStart);
  for (const [index, member] of members.entries()) {
    if (names.has(member.key)) continue;
    result += text.slice(member.keyStart, member.valueEnd);
    // The separator after a kept member goes along unless no kept one follows.
    const next = members[index + 1];
    if (next !== undefined && member !== kept.at(-1)) {
      result += text.slice(member.valueEnd, next.keyStart);
    }
  }
  return result + text.slice(last.valueEnd);
}

/**
 * Replaces the values of members at any depth: `replacement` gets each key and the first character
 * of its value, and answers the text to put there, or undefined to look inside. Every other byte
 * stays. It does not get the value itself: finding the end of each on the way down would cost the
 * square of the text when publishers nest deeply.
 */
export function replaceMembers(
  text: string,
  replacement: (key: string, opening: string) => string | undefined,
): string {
  let result = '';
  let copied = 0;
  let at = text.indexOf('"');
  while (at !== -1) {
    const keyEnd = endOfString(text, at);
    const colon = skipWhitespace(text, keyEnd);
    let next = keyEnd;
    if (text[colon] === ':') {
      const valueStart = skipWhitespace(text, colon + 1);
      const key = JSON.parse(text.slice(at, keyEnd)) as string;
      const replaced = replacement(key, text.charAt(valueStart));
      next = valueStart;
      if (replaced !== undefined) {
        result += text.slice(copied, valueStart) + replaced;
        copied = endOfValue(text, valueStart);
        next = copied;
      }
    }
    at = text.indexOf('"', next);
  }
  return result + text.slice(copied);
}

function skipWhitespace(text: string, start: number): number {
  let at = start;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at += 1;
  return at;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function endOfValue(text: string, start: number): number {
  if (text[start] === '"') return endOfString(text, start);
  const opening = text[start] === '{' || text[start] === '[';
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const character = text[at];
    if (character === '"') {
      at = endOfString(text, at);
      continue;
    }
    if (character === '{' || character === '[') depth += 1;
    if (character === '}' || character === ']') depth -= 1;
    if (opening && depth === 0) return at + 1;
    if (!opening && (character === ',' || depth < 0 || text.charCodeAt(at) <= 0x20)) return at;
    at += 1;
  }
  return at;
}
