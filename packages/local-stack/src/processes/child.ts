import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { lastLines, openLog } from './log-file.ts';
import { identifyProcess, type ProcessIdentity } from './process-identity.ts';

/** An account of the system, by number. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly user?: SystemUser | undefined;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why the process could not be started at all. */
  readonly error?: Error;
}

export interface Child {
  readonly name: string;
  readonly identity: ProcessIdentity;
  /** Resolves when the process has ended; never rejects. */
  readonly exited: Promise<ChildExit>;
  hasExited(): boolean;
  /** Sends a signal to the process; nothing happens when it has ended. */
  signal(signal: NodeJS.Signals): void;
  /** Sends `signal`, waits `graceMs`, then kills the process group. Resolves when the process has ended. */
  stop(options: { signal: NodeJS.Signals; graceMs: number }): Promise<ChildExit>;
  logLines(count: number): string[];
  /** Lets this process end although the child runs on. */
  unref(): void;
}

/**
 * Starts a process in a process group of its own, so that Ctrl-C in a terminal
 * reaches us alone and we decide in which order the children end.
 */
export function spawnChild(options: ChildOptions): Child {
  const log = openLog(options.logFile);
  let running: ReturnType<typeof spawn>;
  try {
    running = spawn(options.command, [...options.args], {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: options.cwd ?? process.cwd(),
      env: options.env ?? process.env,
      ...(options.user === undefined ? {} : { uid: options.user.uid, gid: options.user.gid }),
    });
  } finally {
    closeSync(log);
  }
  let ended = false;
  const exited = new Promise<ChildExit>((resolve) => {
    const end = (exit: ChildExit) => {
      ended = true;
      resolve(exit);
    };
    running.once('error', (error) => end({ code: null, signal: null, error }));
    running.once('exit', (code, signal) => end({ code, signal }));
  });
  const pid = running.pid ?? 0;
  const send = (target: number, signal: NodeJS.Signals) => {
    if (ended || pid === 0) return;
    try {
      process.kill(target, signal);
    } catch {
      // It ended between the check and the signal.
    }
  };

  return {
    name: options.name,
    identity: identifyProcess(pid) ?? { pid, startedAt: 'ended' },
    exited,
    hasExited: () => ended,
    signal: (signal) => send(pid, signal),
    async stop({ signal, graceMs }) {
      send(pid, signal);
      const timer = setTimeout(() => send(-pid, 'SIGKILL'), graceMs);
      try {
        return await exited;
      } finally {
        clearTimeout(timer);
      }
    },
    logLines: (count) => lastLines(options.logFile, count),
    unref: () => running.unref(),
  };
}

/** How an ended process is described to a person. */
export function describeExit(exit: ChildExit): string {
  if (exit.error !== undefined) return `could not be started: ${exit.error.message}`;
  return exit.signal === null ? `exited with code ${exit.code}` : `was killed by ${exit.signal}`;
}
