import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** A process as the holder of a lease. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
  /** Different at every start, since a process id comes again. */
  readonly start: string;
}

export function thisProcess(): Holder {
  return { host: hostname(), pid: process.pid, start: randomUUID() };
}

export function formatHolder({ host, pid, start }: Holder): string {
  return `${host}:${pid}:${start}`;
}

function parseHolder(text: string): Holder | undefined {
  const parts = /^(.+):([1-9]\d{0,9}):([^:]+)$/.exec(text);
  if (parts === null) return undefined;
  const [, host, pid, start] = parts as unknown as [string, string, string, string];
  return { host, pid: Number(pid), start };
}

/**
 * Whether `holder` was a process of our own host that exists no more, as far as this host can tell.
 * A process id that something else has by now, or a holder on another host, is not known to be gone.
 *
 * It may err where process ids are not those of the host name, as in two containers that share one:
 * that costs a change of readers, and nothing else, because of the fence.
 */
export function isGone(
  holder: string,
  self: Holder,
  processExists: (pid: number) => boolean,
): boolean {
  const other = parseHolder(holder);
  if (other === undefined || other.host !== self.host || other.start === self.start) return false;
  return other.pid === self.pid || !processExists(other.pid);
}

/** Whether this host has a process of that id, be it one we may not signal. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
