import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import {
  debianPackageFolder,
  fetchDebianPackage,
  userCacheFolder,
} from '@hookline/local-stack/servers';

export type DebianProgram =
  | { readonly kind: 'found'; readonly path: string }
  | { readonly kind: 'missing'; readonly reason: string };

export interface DebianProgramOptions {
  /** The package, and the program in its `usr/bin`. */
  readonly name: string;
  /** Arguments with which it exits with 0 where it runs. */
  readonly probe: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Default: fetches it from Debian's archive. */
  readonly fetchPackage?: typeof fetchDebianPackage;
}

/** Twice this is below the time that a test has. */
const FETCH_TIMEOUT_MS = 40_000;

/**
 * A program that a test needs and that is not ours: from PATH, from the cache folder, else unpacked
 * there from the archive of a Debian or Ubuntu, without root and without installing it. `missing`,
 * with what to do about it, on any other machine and without a network.
 */
export async function debianProgram(options: DebianProgramOptions): Promise<DebianProgram> {
  const { name, probe, env = process.env, fetchPackage = fetchDebianPackage } = options;
  const cacheFolder = userCacheFolder(env);
  const runs = (path: string) => spawnSync(path, probe, { stdio: 'ignore', env }).status === 0;
  const places = [name, join(debianPackageFolder(cacheFolder, name), name)];
  const known = places.find(runs);
  if (known !== undefined) return { kind: 'found', path: known };
  const remedy = `on Debian: apt-get install ${name}`;
  try {
    const path = await fetchPackage({
      ...{ name, program: `usr/bin/${name}`, cacheFolder },
      ...{ onProgress: () => {}, timeoutMs: FETCH_TIMEOUT_MS },
    });
    if (runs(path)) return { kind: 'found', path };
    return { kind: 'missing', reason: `${path} does not run here; ${remedy}` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'missing', reason: `${name} is not on this machine (${reason}); ${remedy}` };
  }
}
