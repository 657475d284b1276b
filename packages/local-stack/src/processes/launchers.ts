import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { identifyProcess, isRunning, type ProcessIdentity } from './process-identity.ts';

const PACKAGE_MANAGER = /(^|[/\s])(npx|npm|pnpm|npx-cli\.js|npm-cli\.js|pnpm\.[cm]?js)(\s|$)/;
const SHELL = /^(\S*\/)?(sh|bash|dash|zsh)\s+-c\s/;

/** A process as seen from its child. */
export interface Ancestor {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/**
 * The processes through which `npx pnpm start` runs us: npx, pnpm and the shells
 * between, innermost first. npx passes no signal on to pnpm, so when it is
 * killed, nobody tells us: its end is our signal. The shell or program that the
 * user typed the command into is not among them, so `nohup` works.
 */
export function launcherChain(): ProcessIdentity[] {
  return launcherPids(process.ppid, lookAt)
    .map(identifyProcess)
    .filter((identity) => identity !== undefined);
}

/** The ids of that chain, upwards from `pid`, as `look` shows the processes. */
export function launcherPids(
  pid: number,
  look: (pid: number) => Ancestor | undefined,
): readonly number[] {
  const candidates: number[] = [];
  let managed = 0;
  let next = look(pid);
  while (next !== undefined && next.pid > 1 && candidates.length < 16) {
    const isShell = SHELL.test(next.command);
    const isManager = !isShell && PACKAGE_MANAGER.test(next.command);
    if (!isShell && !isManager) break;
    candidates.push(next.pid);
    if (isManager) managed = candidates.length;
    next = look(next.parent);
  }
  // A shell outside the outermost package manager is the user's own.
  return candidates.slice(0, managed);
}

/** Calls back once when one of the launchers has ended. */
export function watchLaunchers(
  launchers: readonly ProcessIdentity[],
  ended: () => void,
): Disposable {
  // Elsewhere than on Linux looking costs a process.
  const everyMs = process.platform === 'linux' ? 250 : 2000;
  const timer = setInterval(() => {
    if (launchers.every(isRunning)) return;
    clearInterval(timer);
    ended();
  }, everyMs);
  timer.unref();
  if (launchers.length === 0) clearInterval(timer);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function lookAt(pid: number): Ancestor | undefined {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return { pid, parent, command };
    }
    const line = execFileSync('ps', ['-o', 'ppid=,command=', '-p', String(pid)], {
      encoding: 'utf8',
    }).trim();
    const [parent = '0', ...command] = line.split(/\s+/);
    return { pid, parent: Number(parent), command: command.join(' ') };
  } catch {
    return undefined;
  }
}
