import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from './local-stack-error.ts';

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

export interface FetchPackageOptions {
  /** The package, which must have one program that needs nothing else of the archive. */
  readonly name: string;
  /** The program's path within the package. */
  readonly program: `usr/${'bin' | 'sbin'}/${string}`;
  readonly cacheFolder: string;
  readonly onProgress: (line: string) => void;
  /** For the package lists, and once more for the package. Default: 90 s, enough for a slow mirror. */
  readonly timeoutMs?: number;
}

/** Where the programs of a package are kept once it is unpacked. */
export function debianPackageFolder(cacheFolder: string, name: string): string {
  return join(cacheFolder, `${name}-debian`);
}

/**
 * Unpacks a program of Debian's or Ubuntu's archive into the cache folder and returns its
 * path. apt works on state and cache of our own and checks signatures as ever: no
 * root is needed, nothing is installed, and no daemon starts.
 */
export async function fetchDebianPackage(options: FetchPackageOptions): Promise<string> {
  if (!isDebianLike()) throw new Error('apt: not a Debian or Ubuntu');
  const { name, program, timeoutMs = TIMEOUT_MS } = options;
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
          timeout: timeoutMs,
          env: { ...process.env, APT_CONFIG: configuration, LC_ALL: 'C' },
        },
      );
    await apt('update');
    await apt('download', name);
    const archive = (await readdir(work)).find((file) => file.endsWith('.deb'));
    if (archive === undefined) throw new Error('no package came');
    await run('dpkg', ['-x', archive, 'unpacked'], { cwd: work });
    const folder = debianPackageFolder(options.cacheFolder, name);
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
