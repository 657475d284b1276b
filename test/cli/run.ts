import { Readable } from 'node:stream';
import { commandGroups, runCli } from '@hookline/cli';

/** What a command line ended with. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The standard output as JSON. */
  readonly json: () => Record<string, unknown>;
}

export interface RunOptions {
  readonly env?: Record<string, string>;
  readonly stdin?: string;
}

/** Runs a command line within this process, as a program would: no terminal. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const written = { stdout: '', stderr: '' };
  const sink = (name: keyof typeof written) => ({
    write(text: string) {
      written[name] += text;
    },
  });
  const code = await runCli({
    groups: commandGroups,
    argv: args,
    env: options.env ?? {},
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    stdin: Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)]),
    signal: new AbortController().signal,
  });
  return { code, ...written, json: () => JSON.parse(written.stdout) };
}
