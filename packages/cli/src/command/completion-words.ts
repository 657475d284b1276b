import { type CommandGroup, type CommandSpec, globalOptions } from './command.ts';
import type { Option } from './option.ts';

/** Where a word is completed: after so many words of a command. */
export interface CompletionEntry {
  /** The words before, joined by spaces: empty, `events`, `events list`. */
  readonly path: string;
  readonly candidates: readonly Candidate[];
}

export interface Candidate {
  readonly word: string;
  readonly summary: string;
}

/** What may follow a flag. */
export interface FlagValues {
  readonly path: string;
  readonly flag: string;
  /** Undefined: anything; `file`: a file's name. */
  readonly values: readonly string[] | 'file' | undefined;
}

/** Words after each command and group. */
export function completionEntries(groups: readonly CommandGroup[]): CompletionEntry[] {
  const first = groups.map(({ name, summary }) => ({ word: name, summary }));
  const entries = groups.flatMap(({ name, commands }) => {
    const own = commands.map(({ spec }) => ({ path: spec.name, candidates: flagsOf(spec) }));
    const isWhole = commands.some(({ spec }) => spec.name === name);
    if (isWhole) return own;
    const seconds = commands.map(({ spec }) => ({
      word: spec.name.slice(name.length + 1),
      summary: spec.summary,
    }));
    return [{ path: name, candidates: seconds }, ...own];
  });
  return [{ path: '', candidates: first }, ...entries];
}

/** Values of each flag that takes one. */
export function completionValues(groups: readonly CommandGroup[]): FlagValues[] {
  return groups.flatMap(({ commands }) =>
    commands.flatMap(({ spec }) =>
      Object.entries({ ...spec.options, ...globalOptions }).flatMap(([name, option]) => {
        if (option.kind === 'switch') return [];
        return [{ path: spec.name, flag: `--${name}`, values: valuesOf(option) }];
      }),
    ),
  );
}

/** What may stand for the arguments without a name. */
export function argumentWords({ arguments: named }: CommandSpec): readonly string[] {
  return Object.values(named).flatMap(({ type }) => type?.choices ?? []);
}

function flagsOf(spec: CommandSpec): Candidate[] {
  const words = argumentWords(spec).map((word) => ({ word, summary: '' }));
  const flags = Object.entries({ ...spec.options, ...globalOptions }).map(
    ([name, { summary }]) => ({
      word: `--${name}`,
      summary,
    }),
  );
  return [...words, ...flags, { word: '--help', summary: 'explain the command' }];
}

function valuesOf({ type }: Option<unknown>): FlagValues['values'] {
  if (type?.isPath === true) return 'file';
  return type?.choices;
}
