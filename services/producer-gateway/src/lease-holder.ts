import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** A gateway as the holder of a lease, by its process. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
  /** Different at every start of a process, since a process id comes again. */
  readonly start: string;
  /** Tells apart the gateways of one process. */
  readonly gateway: number;
}

const start = randomUUID();
let gateways = 0;

/** A further gateway in this process. */
export function newHolder(): Holder {
  gateways += 1;
  return { host: hostname(), pid: process.pid, start, gateway: gateways };
}

export function formatHolder({ host, pid, start, gateway }: Holder): string {
  return `${host}:${pid}:${start}:${gateway}`;
}

const HOLDER = /^(?<host>.+):(?<pid>[1-9]\d{0,9}):(?<start>[^:]+):\d+$/;

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
  const { host, pid, start } = HOLDER.exec(holder)?.groups ?? {};
  if (host !== self.host || start === self.start) return false;
  return Number(pid) === self.pid || !processExists(Number(pid));
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
