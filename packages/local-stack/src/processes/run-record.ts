import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalStackError } from '../local-stack-error.ts';
import { isRunning, ownIdentity, type ProcessIdentity } from './process-identity.ts';

/** Who runs the stack on a data dir, and which processes it has started: `<data dir>/run.json`. */
export interface RunRecord {
  readonly supervisor: ProcessIdentity;
  /** The package manager that started the supervisor, and the shells between. */
  readonly launchers: readonly ProcessIdentity[];
  readonly children: readonly (ProcessIdentity & { readonly name: string })[];
}

/** How long a start waits for a predecessor that is on its way out. */
const HANDOVER_TIMEOUT_MS = 40_000;

/** The record of the last run; undefined when there is none or it is damaged. */
export function readRunRecord(dataDir: string): RunRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8'));
    return Number.isInteger(record?.supervisor?.pid) && Array.isArray(record?.children)
      ? record
      : undefined;
  } catch {
    return undefined;
  }
}

/** Synchronous: a child is on record in the same turn that started it, whenever we are killed. */
export function writeRunRecord(dataDir: string, record: RunRecord): void {
  const path = join(dataDir, 'run.json');
  writeFileSync(`${path}.tmp`, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}

export function removeRunRecord(dataDir: string): void {
  rmSync(join(dataDir, 'run.json'), { force: true });
}

/**
 * Takes the data dir for this process. Throws LocalStackError when another stack
 * runs on it. One that was left behind by a killed package manager is asked to
 * stop and waited for; one that was killed itself leaves a lock nobody holds.
 */
export async function lockDataDir(dataDir: string): Promise<Disposable> {
  const path = join(dataDir, 'run.lock');
  const own = ownIdentity();
  const deadline = performance.now() + HANDOVER_TIMEOUT_MS;
  let asked = false;
  for (;;) {
    if (tryLock(path, own)) {
      return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
    }
    const holder = readHolder(path);
    if (holder === undefined || !isRunning(holder)) {
      removeStaleLock(path, holder);
      continue;
    }
    if (!isAbandoned(dataDir, holder) || performance.now() > deadline) {
      throw new LocalStackError(
        'already_running',
        `a stack is already running on ${dataDir} (process ${holder.pid}); stop it with Ctrl-C or \`kill ${holder.pid}\`, or start another one with HOOKLINE_DATA_DIR and HOOKLINE_PORT_OFFSET`,
      );
    }
    if (!asked) process.kill(holder.pid, 'SIGTERM');
    asked = true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Whether a stack runs on this data dir at this moment. */
export function isLocked(dataDir: string): boolean {
  const holder = readHolder(join(dataDir, 'run.lock'));
  return holder !== undefined && isRunning(holder);
}

function tryLock(path: string, own: ProcessIdentity): boolean {
  try {
    writeFileSync(path, JSON.stringify(own), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Moves the lock aside before it is removed, and back when it turns out to be a
 * new one: two starts that both saw the old holder gone must not both go on.
 */
function removeStaleLock(path: string, stale: ProcessIdentity | undefined): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const moved = readHolder(aside);
  if (moved?.pid === stale?.pid && moved?.startedAt === stale?.startedAt) rmSync(aside);
  else renameSync(aside, path);
}

function isAbandoned(dataDir: string, holder: ProcessIdentity): boolean {
  const record = readRunRecord(dataDir);
  return record?.supervisor.pid === holder.pid && record.launchers.some((one) => !isRunning(one));
}
