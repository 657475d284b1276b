/** What one event says of its aggregate, by field, fit to be shown. */
export type ShownFields = Readonly<Record<string, unknown>>;

/** A change of one field; `before` is missing where it is not known. */
export interface FieldChange {
  readonly before?: unknown;
  readonly after: unknown;
}

/** Not of the aggregate itself, or said elsewhere in an entry, or nobody's to see. */
const LEFT_OUT = new Set(['at', 'id', 'tenant', 'reason', 'secret', 'signingKey', 'keyHash']);
/** Receivers' own credentials are often among these: their names alone are shown. */
const NAMES_ONLY = new Set(['headers', 'options']);
const SEALED = /^v[12]\.[0-9a-f]{8}\.[A-Za-z0-9_-]{16}\./;

/**
 * The fields of an event's data, settings among them, in snake case. Whatever is sealed is left out,
 * at any depth; what is personal and may be shown has been opened by then.
 */
export function shownFields(data: Readonly<Record<string, unknown>>): ShownFields {
  const { settings, ...others } = data;
  const fields = { ...others, ...(settings as object | undefined) };
  const shown = Object.entries(fields).flatMap(([name, value]): [string, unknown][] => {
    if (LEFT_OUT.has(name) || isSealed(value)) return [];
    const visible = NAMES_ONLY.has(name)
      ? Object.keys(value as object).sort()
      : withoutSealed(value);
    return [[snakeCase(name), visible]];
  });
  return Object.fromEntries(shown);
}

/** What differs from what was known before; undefined when nothing does. */
export function changesOf(
  fields: ShownFields,
  known: ShownFields,
): Readonly<Record<string, FieldChange>> | undefined {
  const changed = Object.entries(fields).flatMap(([name, after]): [string, FieldChange][] => {
    if (!Object.hasOwn(known, name)) return isEmpty(after) ? [] : [[name, { after }]];
    const before = known[name];
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [[name, { before, after }]];
  });
  return changed.length === 0 ? undefined : Object.fromEntries(changed);
}

function withoutSealed(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((entry) => !isSealed(entry)).map(withoutSealed);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, entry]) => !isSealed(entry));
  return Object.fromEntries(kept.map(([name, entry]) => [snakeCase(name), withoutSealed(entry)]));
}

function isSealed(value: unknown): boolean {
  return typeof value === 'string' && SEALED.test(value);
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === '' || value === false || value === null || value === undefined;
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
