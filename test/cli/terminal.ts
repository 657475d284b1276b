import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** The root of the repository. */
export const ROOT = resolve(import.meta.dirname, '..', '..');
const CLI = resolve(ROOT, 'packages/cli/src/main.ts');
const WAIT_MS = 60_000;

/** A program in a pseudo-terminal. */
export interface Terminal extends AsyncDisposable {
  /** What was written to the screen, its colours left out. */
  output(): string;
  /** Resolves with the match once it is on the screen. Rejects when the program ends without it. */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** Types; `\u0003` is Ctrl-C. */
  type(text: string): void;
  /** The exit code. */
  readonly exited: Promise<number>;
}

/** Runs a command of `hookline` in a terminal. */
export function openCli(args: readonly string[], env: Record<string, string>): Terminal {
  return openTerminal([process.execPath, CLI, ...args], env);
}

/**
 * Runs a program in a pseudo-terminal that `script` makes, which every Debian and macOS has: the
 * program sees a terminal, and a typed Ctrl-C becomes a signal as it does for a person.
 */
export function openTerminal(command: readonly string[], env: Record<string, string>): Terminal {
  const child = spawnInTerminal(command, env);
  let screen = '';
  const watchers = new Set<() => void>();
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    screen = stripVTControlCharacters(screen + text);
    for (const look of [...watchers]) look();
  });
  const exited = once(child, 'close').then(([code]) => Number(code));
  return {
    output: () => screen,
    async waitFor(pattern, timeoutMs = WAIT_MS) {
      const found = Promise.withResolvers<RegExpExecArray>();
      const look = () => {
        const match = pattern.exec(screen);
        if (match !== null) found.resolve(match);
      };
      watchers.add(look);
      look();
      const fail = (why: string) => () =>
        found.reject(new Error(`${why} without ${pattern} on the screen:\n${screen}`));
      const timer = setTimeout(fail(`${timeoutMs} ms passed`), timeoutMs);
      void exited.then(fail(`${command.slice(1).join(' ')} ended`));
      try {
        return await found.promise;
      } finally {
        clearTimeout(timer);
        watchers.delete(look);
      }
    },
    type: (text) => void child.stdin?.write(text),
    exited,
    async [Symbol.asyncDispose]() {
      child.stdin?.write('\u0003');
      child.stdin?.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
      await exited;
      clearTimeout(timer);
    },
  };
}

function spawnInTerminal(command: readonly string[], env: Record<string, string>): ChildProcess {
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  // A shell that stayed between would end with 130 after a Ctrl-C, whatever the program makes of it.
  const args =
    process.platform === 'linux'
      ? ['-qefc', `exec ${quoted}`, '/dev/null']
      : ['-q', '/dev/null', ...command];
  return spawn('script', args, {
    cwd: ROOT,
    env: { ...process.env, TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}
