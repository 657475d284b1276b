import { parseArgs } from 'node:util';
import { type CommandSpec, globalOptions, type Input } from './command.ts';
import { nearest } from './nearest.ts';
import type { Option, Options } from './option.ts';
import { UsageError, type UsageFault } from './usage-error.ts';

/** What was written, flag by flag. */
interface Written {
  readonly flags: Map<string, string[]>;
  readonly positionals: readonly string[];
  readonly faults: UsageFault[];
}

const SHOWN_MAX = 80;

/**
 * Reads what follows a command's name.
 *
 * @throws UsageError with every fault at once
 */
export function parseArguments<S extends CommandSpec>(spec: S, args: readonly string[]): Input<S> {
  const known: Options = { ...spec.options, ...globalOptions };
  const { flags, positionals, faults } = readWritten(known, args);
  const options = Object.fromEntries(
    Object.entries(known).map(([name, option]) => {
      const texts = flags.get(name);
      return [name, readOption(`--${name}`, option, { texts, faults })];
    }),
  );
  // What follows a flag that nobody knows may be its value.
  const isSure = faults.every(({ subject }) => Object.hasOwn(known, subject.slice(2)));
  const named = nameArguments(spec.arguments, positionals, { faults, isSure });
  if (faults.length > 0) throw new UsageError(faults, spec.name);
  return { arguments: named, options } as unknown as Input<S>;
}

function readWritten(known: Options, args: readonly string[]): Written {
  const flags = new Map<string, string[]>();
  const faults: UsageFault[] = [];
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(known).map(([name, { kind }]) => [
        name,
        { type: kind === 'switch' ? ('boolean' as const) : ('string' as const) },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(known, token.name) ? known[token.name] : undefined;
    const fault = faultOf(option, token, Object.keys(known));
    if (fault === undefined) {
      flags.set(token.name, [...(flags.get(token.name) ?? []), token.value ?? '']);
    } else faults.push({ subject: token.rawName, detail: fault });
  }
  const positionals = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  return { flags, positionals, faults };
}

function faultOf(
  option: Option<unknown> | undefined,
  { name, value }: { readonly name: string; readonly value?: string | undefined },
  names: readonly string[],
): string | undefined {
  if (option === undefined) {
    const meant = nearest(name, names);
    return meant === undefined
      ? 'there is no such flag; see the help below for those there are'
      : `there is no such flag; did you mean --${meant}?`;
  }
  if (option.kind === 'switch') {
    return value === undefined ? undefined : 'takes no value; leave out what follows the =';
  }
  return value === undefined ? `needs a value, ${option.type?.rule}` : undefined;
}

interface Reading {
  readonly texts: readonly string[] | undefined;
  readonly faults: UsageFault[];
}

function readOption(subject: string, option: Option<unknown>, reading: Reading): unknown {
  const { faults } = reading;
  const { kind, type, isRequired, fallback } = option;
  if (kind === 'switch') return reading.texts !== undefined;
  const texts = reading.texts ?? (fallback === undefined ? undefined : [fallback]);
  if (texts === undefined) {
    if (isRequired) {
      faults.push({ subject, detail: `is missing; give ${type?.rule}` });
    }
    return kind === 'list' ? [] : undefined;
  }
  if (kind === 'value' && texts.length > 1) {
    faults.push({ subject, detail: `is given ${texts.length} times; give it once` });
  }
  const values = texts.map((each) => {
    const parsed = type?.parse(each);
    if (parsed === undefined) faults.push({ subject, detail: valueFault(each, type) });
    return parsed;
  });
  return kind === 'list' ? values : values[0];
}

function valueFault(given: string, type: Option<unknown>['type']): string {
  const shown = type?.isSecret
    ? `a value of ${given.length} characters`
    : JSON.stringify(given.length > SHOWN_MAX ? `${given.slice(0, SHOWN_MAX)}…` : given);
  const meant = type?.choices === undefined ? undefined : nearest(given, type.choices);
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return `${shown} is not ${type?.rule}${hint}`;
}

/** Gives arguments without a name theirs, by their order. */
function nameArguments(
  known: Options,
  positionals: readonly string[],
  { faults, isSure }: { readonly faults: UsageFault[]; readonly isSure: boolean },
): Record<string, unknown> {
  const entries = Object.entries(known);
  const hasList = entries.at(-1)?.[1].kind === 'list';
  if (isSure && !hasList && positionals.length > entries.length) {
    const [first = ''] = positionals.slice(entries.length);
    faults.push({
      subject: JSON.stringify(first),
      detail: `is one argument too many; this command takes ${entries.length === 0 ? 'none' : entries.map(([name]) => `<${name}>`).join(' ')}`,
    });
  }
  return Object.fromEntries(
    entries.map(([name, option], index) => {
      const own =
        option.kind === 'list' ? positionals.slice(index) : positionals.slice(index, index + 1);
      const texts = own.length === 0 ? undefined : own;
      return [name, readOption(`<${name}>`, option, { texts, faults })];
    }),
  );
}
