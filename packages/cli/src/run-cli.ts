import type { Readable } from 'node:stream';
import { type CommandGroup, globalOptions } from './command/command.ts';
import { findCommand } from './command/find-command.ts';
import { commandHelp, groupHelp, programHelp } from './command/help.ts';
import { parseArguments } from './command/parse-arguments.ts';
import { UsageError } from './command/usage-error.ts';
import { type Environment, Interrupted } from './context.ts';
import { exitCodes } from './output/exit-codes.ts';
import { createOutput, type Sink } from './output/output.ts';
import { printableLines } from './output/printable.ts';
import { PROGRAM } from './program.ts';

export interface CliOptions {
  readonly groups: readonly CommandGroup[];
  /** What follows the program's name. */
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly stdin: Readable;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Runs one command line; answers the exit code, and throws for nothing that can be expected. */
export async function runCli(options: CliOptions): Promise<number> {
  const { groups, argv, env, stdout, stderr, stdin, signal } = options;
  try {
    const found = findCommand(groups, argv);
    if (found.kind === 'help') {
      stdout.write(helpText(groups, found));
      return exitCodes.done;
    }
    const { spec, load } = found.command;
    const input = parseArguments(spec, found.args);
    const isJson = (input.options as { readonly json: boolean }).json;
    const output = createOutput({ stdout, stderr, isJson, env });
    const run = await load();
    try {
      return await run(input as never, { env, output, stdin, signal });
    } finally {
      output.status('');
    }
  } catch (error) {
    if (signal.aborted || error instanceof Interrupted) return exitCodes.interrupted;
    if (error instanceof UsageError) {
      stderr.write(usageText(error));
      return exitCodes.usage;
    }
    return await fail(error, options);
  }
}

function helpText(
  groups: readonly CommandGroup[],
  {
    group,
    command,
  }: { group?: CommandGroup; command?: { readonly spec: Parameters<typeof commandHelp>[0] } },
): string {
  if (command !== undefined) return commandHelp(command.spec);
  return group === undefined ? programHelp(groups) : groupHelp(group);
}

function usageText({ message, command }: UsageError): string {
  const help = [PROGRAM, command, '--help'].filter(Boolean).join(' ');
  return `${printableLines(message)}\nSee: ${help}\n`;
}

/** What a failure is to the caller is known where the clients are, which are loaded when one failed. */
async function fail(error: unknown, { stderr, groups, argv }: CliOptions): Promise<number> {
  const { explainFailure } = await import('./server/explain-failure.ts');
  const found = findCommand(groups, argv);
  const spec = found.kind === 'command' ? found.command.spec : undefined;
  const { text, exitCode } = explainFailure(error, {
    ...spec?.options,
    ...spec?.arguments,
    ...globalOptions,
  });
  stderr.write(`${printableLines(text)}\n`);
  return exitCode;
}
