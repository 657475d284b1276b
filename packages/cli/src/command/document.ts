import { exitCodeTexts } from '../output/exit-codes.ts';
import { PROGRAM } from '../program.ts';
import { type CommandGroup, type CommandSpec, globalOptions } from './command.ts';
import { ENVIRONMENT, flagText, optionText, usageOf } from './help.ts';
import type { Options } from './option.ts';

/** `docs/cli.md`, out of the table of commands. */
export function cliDocument(groups: readonly CommandGroup[]): string {
  const parts = [intro, overview(groups), everywhere(), ...groups.map(groupPart)];
  return `${parts.join('\n\n')}\n`;
}

const intro = `# The command line

\`${PROGRAM} <command>\`, in a folder where \`npx pnpm start\` runs, or with \`HOOKLINE_URL\` and
\`HOOKLINE_API_KEY\` for a Hookline elsewhere. This page is generated from the table of commands in
\`packages/cli\` by \`npx pnpm generate\`; a test fails while it is not current. Every command explains itself
with \`--help\`.

- It calls gRPC, which has everything. The addresses follow from the URL: the same host, the default ports,
  moved by as much as the URL's port is from 8080; \`HOOKLINE_SUBSCRIPTIONS_ADDRESS\`,
  \`HOOKLINE_INGEST_ADDRESS\`, \`HOOKLINE_DELIVERIES_ADDRESS\` and \`HOOKLINE_DEAD_LETTERS_ADDRESS\` say otherwise.
- The key of the stack on this machine is sent to that stack alone.
- Results are on the standard output, everything else on the error output. With \`--json\` a list is
  \`{"data":[…],"next_page_token":null}\`, one thing is an object, and what is followed is an object a line.
- Secrets are shown where they are made, and never again.
- \`node_modules/.bin/hookline\` is the same program, and the one that \`completion\` completes.`;

function overview(groups: readonly CommandGroup[]): string {
  const rows = groups.map(({ name, summary, commands }) => {
    const seconds = commands.map(({ spec }) => spec.name.slice(name.length + 1)).filter(Boolean);
    return `| [\`${name}\`](#${name}) | ${seconds.map((each) => `\`${each}\``).join(' ')} | ${summary} |`;
  });
  return ['| command | what follows | what it does |', '| --- | --- | --- |', ...rows].join('\n');
}

function everywhere(): string {
  const codes = exitCodeTexts.map(([code, text]) => `| ${code} | ${text} |`);
  const variables = ENVIRONMENT.map(([name, text]) => `| \`${name.trim()}\` | ${text} |`);
  return [
    '## What holds everywhere',
    optionTable(globalOptions),
    ['| variable | what it does |', '| --- | --- |', ...variables].join('\n'),
    ['| exit code | meaning |', '| --- | --- |', ...codes].join('\n'),
  ].join('\n\n');
}

function groupPart({ name, summary, commands }: CommandGroup): string {
  const isWhole = commands.some(({ spec }) => spec.name === name);
  const parts = commands.map(({ spec }) => commandPart(spec, isWhole));
  return [`## ${name}`, ...(isWhole ? [] : [`${summary}.`]), ...parts].join('\n\n');
}

function commandPart(spec: CommandSpec, isWhole: boolean): string {
  const { exitCodes = {} } = spec;
  const codes = Object.entries(exitCodes).map(([code, text]) => `- exit code ${code}: ${text}`);
  const named = { ...asArguments(spec.arguments), ...spec.options };
  return [
    ...(isWhole ? [] : [`### ${spec.name}`]),
    `\`${PROGRAM} ${usageOf(spec)}\``,
    [`${spec.summary}.`, ...(spec.details === undefined ? [] : [spec.details])].join(' '),
    ...(Object.keys(named).length === 0 ? [] : [optionTable(named)]),
    ...(codes.length === 0 ? [] : [codes.join('\n')]),
    [
      '```sh',
      ...spec.examples.flatMap(({ line, note }) => [`# ${note}`, `${PROGRAM} ${line}`]),
      '```',
    ].join('\n'),
  ].join('\n\n');
}

/** Arguments stand in the table under their own names, without dashes. */
function asArguments(named: Options): Options {
  return Object.fromEntries(Object.entries(named).map(([name, option]) => [`<${name}>`, option]));
}

function optionTable(options: Options): string {
  const rows = Object.entries(options).map(([name, option]) => {
    const shown = name.startsWith('<') ? name : flagText(name, option);
    return `| \`${shown.replaceAll('|', '\\|')}\` | ${optionText(option)} |`;
  });
  return ['| option | what it does |', '| --- | --- |', ...rows].join('\n');
}
