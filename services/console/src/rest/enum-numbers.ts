import { enumValue } from '@hookline/contracts';

/** The numbers of an enum's names; the schema has checked that they are names of it. */
export function enumNumbers<E extends Readonly<Record<string, number>>>(
  values: E,
  prefix: string,
  names: readonly string[] = [],
): E[keyof E][] {
  return names.flatMap((name) => enumValue(values, prefix, name) ?? []);
}
