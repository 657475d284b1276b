import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Default: two minutes. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;
const LINES_SHOWN = 15;

/** Runs a program and returns what it wrote to standard output; throws with the last lines of a failure. */
export async function runCommand(
  program: string,
  args: readonly string[],
  { env, timeoutMs = 120_000, ...options }: RunOptions = {},
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      ...options,
      timeout: timeoutMs,
      maxBuffer: OUTPUT_BYTES_MAX,
      env: { ...process.env, ...env },
    });
    return stdout;
  } catch (error) {
    options.signal?.throwIfAborted();
    const { stdout = '', stderr = '', message, killed } = error as FailedRun;
    const output = `${stdout}\n${stderr}`.trim() || message;
    const why = killed ? `took more than ${timeoutMs / 1000} s` : 'failed';
    const lines = output.split('\n').slice(-LINES_SHOWN).join('\n');
    throw new Error(`${program} ${args.join(' ')} ${why}:\n${lines}`, { cause: error });
  }
}

interface FailedRun extends Error {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly killed?: boolean;
}

/** Whether a program runs here with these arguments, and ends with 0. */
export async function runs(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<boolean> {
  return runCommand(program, args, options).then(
    () => true,
    () => {
      options.signal?.throwIfAborted();
      return false;
    },
  );
}
