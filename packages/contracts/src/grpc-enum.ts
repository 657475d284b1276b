/** An enum as ts-proto generates it: numbers by name, `UNRECOGNIZED` among them. */
type ProtoEnum = Readonly<Record<string, number>>;

function entriesOf(values: ProtoEnum, prefix: string): [string, number][] {
  const unspecified = `${prefix}UNSPECIFIED`;
  return Object.entries(values)
    .filter(([name]) => name.startsWith(prefix) && name !== unspecified)
    .map(([name, value]) => [name.slice(prefix.length).toLowerCase(), value]);
}

/**
 * The name of an enum's value as REST writes it: without its prefix, in lower case, so that
 * `enumText(State, 'STATE_', State.STATE_ACTIVE)` is `active`. Undefined for UNSPECIFIED and for
 * numbers that this version does not know.
 */
export function enumText(values: ProtoEnum, prefix: string, value: number): string | undefined {
  return entriesOf(values, prefix).find(([, found]) => found === value)?.[0];
}

/** The enum's value of a name as REST writes it, the inverse of `enumText`. */
export function enumValue<E extends ProtoEnum>(
  values: E,
  prefix: string,
  text: string,
): E[keyof E] | undefined {
  const found = entriesOf(values, prefix).find(([name]) => name === text);
  return found?.[1] as E[keyof E] | undefined;
}

/** Every name that `enumText` can give, in the order of the proto. */
export function enumTexts(values: ProtoEnum, prefix: string): string[] {
  return entriesOf(values, prefix).map(([name]) => name);
}
