import type { Command, CommandGroup } from './command.ts';
import { nearest } from './nearest.ts';
import { UsageError } from './usage-error.ts';

/** What a command line asks for. */
export type Found =
  | { readonly kind: 'command'; readonly command: Command; readonly args: readonly string[] }
  | { readonly kind: 'help'; readonly group?: CommandGroup; readonly command?: Command };

const HELP = new Set(['--help', '-h', 'help']);

/**
 * Finds the command at the beginning of a command line; `--help` anywhere before `--` asks for help
 * of whatever is named.
 *
 * @throws UsageError when there is no such command, with what was probably meant
 */
export function findCommand(groups: readonly CommandGroup[], argv: readonly string[]): Found {
  const words = argv.filter((word) => !HELP.has(word));
  const end = argv.indexOf('--');
  const wantsHelp = argv.some(
    (word, at) => HELP.has(word) && (end === -1 || at < end) && isHelp(word, at),
  );
  const [first, second] = words;
  if (first === undefined || first.startsWith('-')) {
    if (wantsHelp || argv.length === 0) return { kind: 'help' };
    throw new UsageError([{ subject: '', detail: `a command is missing before ${first}` }]);
  }
  const group = groups.find(({ name }) => name === first);
  if (group === undefined)
    throw unknown(
      first,
      groups.map(({ name }) => name),
    );
  const whole = group.commands.find(({ spec }) => spec.name === first);
  const command = whole ?? group.commands.find(({ spec }) => spec.name === `${first} ${second}`);
  if (command !== undefined) {
    if (wantsHelp) return { kind: 'help', group, command };
    return { kind: 'command', command, args: argv.slice(command === whole ? 1 : 2) };
  }
  if (second === undefined || (wantsHelp && second.startsWith('-'))) {
    if (wantsHelp) return { kind: 'help', group };
    throw new UsageError(
      [{ subject: '', detail: `${first} needs a command: ${secondWords(group).join(', ')}` }],
      first,
    );
  }
  throw unknown(second, secondWords(group), first);
}

/** `help` is a word like any other unless it comes first. */
function isHelp(word: string, at: number): boolean {
  return word !== 'help' || at === 0;
}

function secondWords({ name, commands }: CommandGroup): string[] {
  return commands.map(({ spec }) => spec.name.slice(name.length + 1));
}

function unknown(given: string, names: readonly string[], group?: string): UsageError {
  const meant = nearest(given, names);
  const hint = meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`;
  const of = group === undefined ? '' : `${group} has no command `;
  const detail = `${of || 'there is no command '}${JSON.stringify(given.slice(0, 80))}; ${hint}`;
  return new UsageError([{ subject: '', detail }], group);
}
