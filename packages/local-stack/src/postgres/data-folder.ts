import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LocalStackError } from '../local-stack-error.ts';
import type { SystemUser } from '../processes/child.ts';
import { openFolder, SYSTEM_FOLDER } from './binaries.ts';
import { canEnter } from './unprivileged-user.ts';

/**
 * The folder of the database cluster: `<data dir>/postgres`. Where the
 * unprivileged user cannot enter the data dir, that name is a symbolic link to a
 * folder of its own under /var/lib/hookline, so the data dir remembers where its
 * data are. Returns the real path; the folder may not exist yet.
 */
export function postgresFolder(dataDir: string, user: SystemUser | undefined): string {
  const name = join(dataDir, 'postgres');
  const elsewhere = linkTarget(name);
  if (elsewhere !== undefined) return elsewhere;
  if (existsSync(name) || canEnter(user, dataDir)) {
    if (existsSync(name) && !canEnter(user, name)) throw unreachable(name);
    return name;
  }
  // Random, not made of the path: a wiped data dir must not meet the data of
  // its predecessor, whose passwords are gone.
  const home = join(SYSTEM_FOLDER, `stack-${randomBytes(6).toString('hex')}`);
  try {
    openFolder(SYSTEM_FOLDER);
    openFolder(home);
  } catch {
    throw unreachable(dataDir);
  }
  if (!canEnter(user, home)) throw unreachable(dataDir);
  const target = join(home, 'postgres');
  symlinkSync(target, name);
  return target;
}

/** Makes an empty folder that belongs to the account PostgreSQL runs as, in place of whatever is there. */
export function createPostgresFolder(folder: string, user: SystemUser | undefined): void {
  rmSync(folder, { recursive: true, force: true });
  openFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
}

/** Removes everything a data dir holds, also what it keeps elsewhere. */
export async function removeDataDir(dataDir: string): Promise<void> {
  const elsewhere = linkTarget(join(dataDir, 'postgres'));
  if (elsewhere !== undefined && dirname(dirname(elsewhere)) === SYSTEM_FOLDER) {
    await rm(dirname(elsewhere), { recursive: true, force: true });
  }
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
}

/** Writes a file that only the account may read, for initdb to take a password from. */
export async function writeFileFor(
  user: SystemUser | undefined,
  path: string,
  text: string,
): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  if (user !== undefined) chownSync(path, user.uid, user.gid);
}

/** The major version that made a cluster; undefined when there is none. */
export function clusterVersion(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  return readFileSync(join(folder, 'PG_VERSION'), 'utf8').trim();
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function unreachable(path: string): LocalStackError {
  return new LocalStackError(
    'postgres_unreachable_data',
    `PostgreSQL must not run as root, and the unprivileged user cannot enter ${path}; start as an ordinary user, set HOOKLINE_DATA_DIR to a folder everybody can enter, or set HOOKLINE_POSTGRES_URL`,
  );
}
