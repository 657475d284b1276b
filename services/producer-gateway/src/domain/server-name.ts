import { memberText } from '@hookline/contracts';
import { isObject, type JsonObject } from './json-object.ts';

/** Longest name of a server, in characters: it is part of an index. */
export const SUBJECT_LENGTH_MAX = 256;

const PATHS = [['server_id'], ['server', 'id'], ['server', 'uuid'], ['id'], ['uuid']] as const;

/**
 * The server that an event without a subject is about: the first of `data.server_id`,
 * `data.server.id`, `data.server.uuid`, `data.id`, `data.uuid` that is a string or an integer and
 * can be a name. Integers keep their spelling, however many digits they have.
 */
export function serverNameOf(data: JsonObject): string | undefined {
  for (const path of PATHS) {
    const name = nameAt(data, path);
    if (name !== undefined) return name;
  }
  return undefined;
}

function nameAt(data: JsonObject, path: readonly string[]): string | undefined {
  const found = path.reduce<unknown>(
    (value, key) => (isObject(value) ? value[key] : undefined),
    data.value,
  );
  if (typeof found === 'string') return isServerName(found) ? found : undefined;
  if (typeof found !== 'number') return undefined;
  // JSON.parse rounds long integers, so their digits are taken from the text.
  const digits = path.reduce<string>((text, key) => memberText(text, key) ?? '', data.text);
  return /^-?\d+$/.test(digits) && digits.length <= SUBJECT_LENGTH_MAX ? digits : undefined;
}

/** Whether a text can name a server: not empty, not too long, no control characters, whole Unicode. */
export function isServerName(text: string): boolean {
  return (
    text !== '' &&
    text.length <= SUBJECT_LENGTH_MAX &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
    !/[\u0000-\u001f\u007f-\u009f]/.test(text) &&
    text.isWellFormed()
  );
}
