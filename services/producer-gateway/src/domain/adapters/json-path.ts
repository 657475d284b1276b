import { elementTexts, isObjectText, memberText } from '@hookline/contracts';

/** The JSON text at a path of names and places; undefined where there is nothing. */
export function textAt(json: string, ...path: readonly (string | number)[]): string | undefined {
  let found: string | undefined = json;
  for (const step of path) {
    if (found === undefined) return undefined;
    if (typeof step === 'string') {
      found = isObjectText(found) ? memberText(found, step) : undefined;
    } else {
      found = found.trimStart().startsWith('[') ? elementTexts(found)[step] : undefined;
    }
  }
  return found;
}

/** The text of an object at a path; undefined for anything else, such as PHP's false. */
export function objectAt(json: string, ...path: readonly (string | number)[]): string | undefined {
  const found = textAt(json, ...path);
  return found !== undefined && isObjectText(found) ? found : undefined;
}

/** A text or a number as it is spelt in the JSON; undefined for anything else and for an empty text. */
export function scalarOf(json: string | undefined): string | undefined {
  if (json === undefined) return undefined;
  if (/^-?\d/.test(json)) return json;
  return json.startsWith('"') ? (JSON.parse(json) as string) || undefined : undefined;
}

/** The JSON of a text or number that is no empty text; undefined for anything else. */
export function scalarJson(json: string | undefined): string | undefined {
  return scalarOf(json) === undefined ? undefined : json;
}
