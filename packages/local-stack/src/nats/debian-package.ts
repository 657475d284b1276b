import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../local-stack-error.ts';
import type { FetchServerOptions } from './official-release.ts';

const run = promisify(execFile);
/** Package lists of a slow mirror; on a good one the whole takes five seconds. */
const TIMEOUT_MS = 90_000;

/** Hooks of the system's apt that only root could run, or that act on its own cache. */
const APT_CONFIGURATION = `#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
#clear DPkg::Post-Invoke;
APT::Sandbox::User "";
`;

/** Debian's or Ubuntu's nats-server, in the cache folder; its path. */
export function fetchDebianPackage(options: FetchServerOptions): Promise<string> {
  return fetchDebianProgram({ ...options, name: 'nats-server', program: 'usr/sbin/nats-server' });
}

export interface DebianProgram extends FetchServerOptions {
  /** Of the package. */
  readonly name: string;
  /** Where the program is in it. */
  readonly program: string;
}

/**
 * Unpacks a package of Debian's or Ubuntu's archive into the cache folder and returns the path of a
 * program of it. apt works on state and cache of our own and checks signatures as ever: no root is
 * needed, nothing is installed, and no daemon starts.
 */
export async function fetchDebianProgram(options: DebianProgram): Promise<string> {
  const { name, program } = options;
  if (!isDebianLike()) throw new Error('apt: not a Debian or Ubuntu');
  options.onProgress(`fetching ${name} from the Debian archive`);
  await mkdir(options.cacheFolder, { recursive: true });
  const work = await mkdtemp(join(options.cacheFolder, 'apt-'));
  try {
    await mkdir(join(work, 'state', 'lists', 'partial'), { recursive: true });
    await mkdir(join(work, 'cache', 'archives', 'partial'), { recursive: true });
    const configuration = join(work, 'apt.conf');
    await writeFile(configuration, APT_CONFIGURATION);
    const apt = (...args: string[]) =>
      run(
        'apt-get',
        [
          ...['-q', '-o', `Dir::State=${join(work, 'state')}`],
          ...['-o', 'Dir::State::status=/var/lib/dpkg/status'],
          ...['-o', `Dir::Cache=${join(work, 'cache')}`, '-o', 'Acquire::Retries=1'],
          ...['-o', 'Acquire::http::Timeout=10', '-o', 'Acquire::https::Timeout=10', ...args],
        ],
        {
          cwd: work,
          timeout: TIMEOUT_MS,
          env: { ...process.env, APT_CONFIG: configuration, LC_ALL: 'C' },
        },
      );
    await apt('update');
    await apt('download', name);
    const archive = (await readdir(work)).find((name) => name.endsWith('.deb'));
    if (archive === undefined) throw new Error('no package came');
    await run('dpkg', ['-x', archive, 'unpacked'], { cwd: work });
    const folder = join(options.cacheFolder, `${name}-debian`);
    await rm(folder, { recursive: true, force: true });
    await rename(join(work, 'unpacked', dirname(program)), folder);
    return join(folder, basename(program));
  } catch (error) {
    throw new Error(`apt: ${lastLine(error)}`, { cause: error });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function isDebianLike(): boolean {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get')) return false;
  try {
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

function lastLine(error: unknown): string {
  const output = String((error as { stderr?: string }).stderr ?? '').trim();
  return output.split('\n').findLast((line) => line.startsWith('E:')) ?? messageOf(error);
}
