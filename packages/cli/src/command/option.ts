import type { ValueType } from './value-types.ts';

/** A flag, or an argument without a name, of a command. `T` is what the command gets. */
export interface Option<T> {
  readonly kind: 'switch' | 'value' | 'list';
  readonly summary: string;
  /** Absent for a switch. */
  readonly type?: ValueType<unknown>;
  readonly isRequired: boolean;
  /** The value when none is given, as it would be written. */
  readonly fallback?: string;
  /** The field of the request that it fills, by which the server names it when it is at fault. */
  readonly field?: string;
  /** For the type alone: what `T` is. */
  readonly given?: T;
}

export interface OptionSettings {
  readonly fallback?: string;
  readonly field?: string;
}

export type Options = Readonly<Record<string, Option<unknown>>>;

/** What a command gets for its options. */
export type ValuesOf<O extends Options> = {
  readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never;
};

/** Given or not. */
export function flag(summary: string): Option<boolean> {
  return { kind: 'switch', summary, isRequired: false };
}

/** One value, which may be left out. */
export function value<T>(
  type: ValueType<T>,
  summary: string,
  settings: OptionSettings & { readonly fallback: string },
): Option<T>;
export function value<T>(
  type: ValueType<T>,
  summary: string,
  settings?: OptionSettings,
): Option<T | undefined>;
export function value<T>(type: ValueType<T>, summary: string, settings: OptionSettings = {}) {
  return { kind: 'value', type, summary, isRequired: false, ...settings } as Option<T>;
}

/** One value that must be there. */
export function required<T>(
  type: ValueType<T>,
  summary: string,
  settings: OptionSettings = {},
): Option<T> {
  return { kind: 'value', type, summary, isRequired: true, ...settings };
}

/** Any number of values: the flag is repeated for each. */
export function list<T>(
  type: ValueType<T>,
  summary: string,
  settings: OptionSettings = {},
): Option<readonly T[]> {
  return { kind: 'list', type, summary, isRequired: false, ...settings };
}

/** At least one. */
export function requiredList<T>(
  type: ValueType<T>,
  summary: string,
  settings: OptionSettings = {},
): Option<readonly T[]> {
  return { ...list(type, summary, settings), isRequired: true };
}
