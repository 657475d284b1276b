import { readdirSync, readFileSync } from 'node:fs';

/** Processes by name; a process counts with the children it has. */
export type NamedProcesses = Readonly<Record<string, number | null>>;

/** Milliseconds of processor time by name of process. */
export type ProcessorTimes = Readonly<Record<string, number>>;

/** Linux counts processor time in ticks of this many milliseconds. */
const TICK_MS = 10;

/** What each has used so far; empty where the system does not tell (anywhere but on Linux). */
export function processorTimes(processes: NamedProcesses): ProcessorTimes {
  if (process.platform !== 'linux') return {};
  const all = readProcesses();
  const times = Object.entries(processes).flatMap(([name, pid]) => {
    if (pid === null) return [];
    const family = all.filter((one) => one.pid === pid || one.parent === pid);
    return [[name, family.reduce((sum, one) => sum + one.usedMs, 0)] as const];
  });
  return Object.fromEntries(times);
}

/** Microseconds that each used for one of `count` things. */
export function microsecondsEach(
  before: ProcessorTimes,
  after: ProcessorTimes,
  count: number,
): ProcessorTimes {
  return Object.fromEntries(
    Object.entries(after).map(([name, usedMs]) => {
      return [name, Math.round(((usedMs - (before[name] ?? 0)) * 1000) / count)];
    }),
  );
}

function readProcesses(): { pid: number; parent: number; usedMs: number }[] {
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) return [];
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      // The name before may hold blanks and brackets. Then: state, parent, …, user and system time.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const ticks = Number(fields[11]) + Number(fields[12]);
      return [{ pid, parent: Number(fields[1]), usedMs: ticks * TICK_MS }];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}
