import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { debianPackageFolder, fetchDebianPackage } from '../debian-package.ts';
import { LocalStackError, messageOf } from '../local-stack-error.ts';
import {
  type FetchServerOptions,
  fetchOfficialRelease,
  OFFICIAL_VERSION,
} from './official-release.ts';
import { isAtLeast, NATS_VERSION_MIN, type NatsVersion, parseNatsVersion } from './version.ts';

export interface NatsBinary {
  readonly path: string;
  readonly version: NatsVersion;
}

export interface FindNatsOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Called before something is downloaded, for a person to know what takes the time. */
  readonly onProgress?: (line: string) => void;
  /** Where downloads are kept; by default the user's cache folder. */
  readonly cacheFolder?: string;
}

/** Places where packages put nats-server that are often not on PATH. */
const FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin'];

/**
 * Finds a nats-server that Hookline runs on: installed, downloaded before, the
 * official release, or Debian's and Ubuntu's package, in this order. Nothing is
 * installed on the system. Throws LocalStackError with what to install.
 */
export async function findNatsServer(options: FindNatsOptions): Promise<NatsBinary> {
  const { env, onProgress = () => {} } = options;
  const cache = options.cacheFolder ?? userCacheFolder(env);
  const installed = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const cached = [
    join(cache, `nats-server-${OFFICIAL_VERSION}`),
    debianPackageFolder(cache, 'nats-server'),
  ];
  for (const folder of [...installed, ...FOLDERS, ...cached]) {
    const binary = await probe(join(folder, 'nats-server'));
    if (binary !== undefined) return binary;
  }
  const reasons: string[] = [];
  for (const fetchServer of [fetchOfficialRelease, fetchDebianServer]) {
    try {
      const path = await fetchServer({ cacheFolder: cache, onProgress });
      const binary = await probe(path);
      if (binary !== undefined) return binary;
      reasons.push(`${path} does not run here`);
    } catch (error) {
      reasons.push(messageOf(error));
    }
  }
  throw new LocalStackError(
    'nats_server_not_found',
    `no nats-server ${NATS_VERSION_MIN.join('.')} or newer found, and none could be fetched (${reasons.join('; ')}); install it from https://docs.nats.io/running-a-nats-service/introduction/installation and put it on PATH, or set HOOKLINE_NATS_URL`,
  );
}

function fetchDebianServer(options: FetchServerOptions): Promise<string> {
  return fetchDebianPackage({ ...options, name: 'nats-server', program: 'usr/sbin/nats-server' });
}

/** The cache folder of the user: XDG_CACHE_HOME, else ~/.cache. */
export function userCacheFolder(env: NodeJS.ProcessEnv): string {
  const base = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache');
  return join(base, 'hookline');
}

async function probe(path: string): Promise<NatsBinary | undefined> {
  try {
    const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 10_000 });
    const version = parseNatsVersion(stdout);
    return version !== undefined && isAtLeast(version, NATS_VERSION_MIN)
      ? { path, version }
      : undefined;
  } catch {
    return undefined;
  }
}
