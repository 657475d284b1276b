import { enumValue } from '@hookline/contracts';

/** The numbers of an enum's words. The words were checked when the flags were read. */
export function numbersOf<E extends Readonly<Record<string, number>>>(
  values: E,
  prefix: string,
  words: readonly string[],
): E[keyof E][] {
  return words.flatMap((word) => enumValue(values, prefix, word) ?? []);
}

/** The number of a word; undefined without one. */
export function numberOf<E extends Readonly<Record<string, number>>>(
  values: E,
  prefix: string,
  word: string | undefined,
): E[keyof E] | undefined {
  return word === undefined ? undefined : enumValue(values, prefix, word);
}
