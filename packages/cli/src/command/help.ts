import { exitCodeTexts } from '../output/exit-codes.ts';
import { PROGRAM } from '../program.ts';
import { type CommandGroup, type CommandSpec, globalOptions } from './command.ts';
import type { Option, Options } from './option.ts';

/** Help of the whole. */
export function programHelp(groups: readonly CommandGroup[]): string {
  return join([
    `Usage: ${PROGRAM} <command>`,
    'The command line of Hookline: webhooks for virtualization platforms.',
    section('Commands', rows(groups.map(({ name, summary }) => [name, summary]))),
    section('Options', rows(optionRows(globalOptions))),
    section('Environment', rows(ENVIRONMENT)),
    section('Exit codes', rows(exitCodeTexts.map(([code, text]) => [String(code), text]))),
    `${PROGRAM} <command> --help explains each.`,
  ]);
}

/** Help of a first word, with the commands that begin with it. */
export function groupHelp({ name, summary, commands }: CommandGroup): string {
  return join([
    `Usage: ${PROGRAM} ${name} <command>`,
    `${summary}.`,
    section('Commands', rows(commands.map(({ spec }) => [usageOf(spec), spec.summary]))),
    `${PROGRAM} ${name} <command> --help explains each.`,
  ]);
}

/** Help of one command. */
export function commandHelp(spec: CommandSpec): string {
  const { exitCodes = {} } = spec;
  return join([
    `Usage: ${PROGRAM} ${usageOf(spec)} [options]`,
    `${spec.summary}.`,
    ...(spec.details === undefined ? [] : [wrap(spec.details)]),
    ...optional('Arguments', rows(argumentRows(spec.arguments))),
    ...optional('Options', rows(optionRows(spec.options))),
    section('Options of every command', rows(optionRows(globalOptions))),
    section(
      'Examples',
      spec.examples.flatMap(({ line, note }) => [`# ${note}`, `${PROGRAM} ${line}`.trim()]),
    ),
    ...optional('Exit codes of its own', rows(Object.entries(exitCodes))),
  ]);
}

/** The command with its arguments: `deliveries get <id>`. */
export function usageOf({ name, arguments: named }: CommandSpec): string {
  const parts = Object.entries(named).map(([key, { kind, isRequired }]) => {
    const shown = kind === 'list' ? `<${key}>…` : `<${key}>`;
    return isRequired ? shown : `[${shown}]`;
  });
  return [name, ...parts].join(' ');
}

/** A flag as it is written, with what stands for its value. */
export function flagText(name: string, { type }: Option<unknown>): string {
  return type === undefined ? `--${name}` : `--${name} <${type.placeholder}>`;
}

/** What a flag is for, with what its value may be and is without it. */
export function optionText({ summary, type, fallback, isRequired, kind }: Option<unknown>): string {
  const remarks = [
    ...(isShownByPlaceholder(type) ? [] : [type?.choices?.join(', ') ?? '']),
    ...(fallback === undefined ? [] : [`${fallback} by default`]),
    ...(isRequired ? ['required'] : []),
    ...(kind === 'list' ? ['may be repeated'] : []),
  ];
  return remarks.length === 0 ? summary : `${summary} (${remarks.join('; ')})`;
}

/** Few choices stand in the place of the value already. */
function isShownByPlaceholder(type: Option<unknown>['type']): boolean {
  return type?.choices === undefined || type.placeholder === type.choices.join('|');
}

/** What is read besides flags. */
export const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['HOOKLINE_URL', 'where Hookline is; without it, the stack that runs on HOOKLINE_DATA_DIR'],
  ['HOOKLINE_API_KEY', 'the key to call with; without it, the admin key of that stack'],
  ['HOOKLINE_DATA_DIR', 'the data folder of the stack (.hookline)'],
  [
    'HOOKLINE_SUBSCRIPTIONS_ADDRESS',
    'gRPC addresses, host:port, where they do not follow from the URL;',
  ],
  ['  …_INGEST_ADDRESS, …_DELIVERIES_ADDRESS, …_DEAD_LETTERS_ADDRESS', 'likewise'],
  ['HOOKLINE_GRPC_TLS_CA', 'PEM file of the authority to trust; gRPC is then called over TLS'],
  ['NO_COLOR', 'set: no colours'],
];

function optionRows(options: Options): [string, string][] {
  return Object.entries(options).map(([name, option]) => [
    flagText(name, option),
    optionText(option),
  ]);
}

function argumentRows(options: Options): [string, string][] {
  return Object.entries(options).map(([name, option]) => [`<${name}>`, optionText(option)]);
}

const COLUMN_MAX = 30;
const LINE_MAX = 96;

function rows(entries: readonly (readonly [string, string])[]): string[] {
  const column = Math.min(COLUMN_MAX, Math.max(0, ...entries.map(([name]) => name.length)));
  return entries.flatMap(([name, text]) => {
    const [first = '', ...more] = wrap(text, LINE_MAX - column - 4).split('\n');
    const indent = ' '.repeat(column + 2);
    const lines = more.map((line) => indent + line);
    return name.length > column
      ? [name, indent + first, ...lines]
      : [`${name.padEnd(column)}  ${first}`, ...lines];
  });
}

function wrap(text: string, width = LINE_MAX): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join('\n');
}

function section(title: string, lines: readonly string[]): string {
  return [`${title}:`, ...lines.map((line) => `  ${line}`)].join('\n');
}

function optional(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [section(title, lines)];
}

function join(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}
