import { isRunning } from './process-identity.ts';
import type { RunRecord } from './run-record.ts';

/** Like the stop of a running stack: services drain first, then what they need is stopped. */
const STEPS: readonly {
  names: (name: string) => boolean;
  signal: NodeJS.Signals;
  graceMs: number;
}[] = [
  { names: (name) => name !== 'nats' && name !== 'postgres', signal: 'SIGTERM', graceMs: 15_000 },
  { names: (name) => name === 'nats', signal: 'SIGTERM', graceMs: 15_000 },
  // Fast shutdown; after it the servers that postgres itself started go at once.
  { names: (name) => name === 'postgres', signal: 'SIGINT', graceMs: 30_000 },
];

/**
 * Stops what a killed run has left behind. Only processes whose start time is
 * the recorded one are touched. Returns the names of those that were found.
 */
export async function stopOrphans(record: RunRecord): Promise<string[]> {
  const found = record.children.filter(isRunning);
  for (const { names, signal, graceMs } of STEPS) {
    const step = found.filter((child) => names(child.name));
    for (const child of step) send(child.pid, signal);
    const deadline = performance.now() + graceMs;
    while (step.some(isRunning) && performance.now() < deadline) await pause();
    for (const child of step.filter(isRunning)) send(-child.pid, 'SIGKILL');
    while (step.some(isRunning)) await pause();
  }
  return found.map((child) => child.name);
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
