import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A dispatcher in a process of its own, to be killed and stopped. */
export interface DispatcherProcess {
  /** Ends it as a crash would, and starts another in its place. */
  killAndRestart(): Promise<void>;
  /** Freezes the process (SIGSTOP), and lets it go on after so long. */
  freeze(forMs: number): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

/** Starts it with this environment; its ports must be free. */
export function startDispatcherProcess(env: Readonly<Record<string, string>>): DispatcherProcess {
  let child = start();

  function start(): ChildProcess {
    return spawn(process.execPath, [MAIN], {
      env: { ...process.env, HOOKLINE_LOG_LEVEL: 'error', ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ended = once(child, 'exit');
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await ended;
  }

  return {
    async killAndRestart() {
      await end('SIGKILL');
      child = start();
    },
    async freeze(forMs) {
      child.kill('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, forMs));
      child.kill('SIGCONT');
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}
