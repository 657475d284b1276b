import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../local-stack-error.ts';

export interface FetchServerOptions {
  readonly cacheFolder: string;
  readonly onProgress: (line: string) => void;
}

/** The release that is downloaded where no nats-server is installed. */
export const OFFICIAL_VERSION = '2.12.1';
const RELEASES = 'https://github.com/nats-io/nats-server/releases/download';

/** A machine without a way to GitHub must find out quickly. */
const CONNECT_TIMEOUT_MS = 5000;
const DOWNLOAD_TIMEOUT_MS = 120_000;
/** The archives have about 7 MB. */
const DOWNLOAD_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Downloads the official release for this platform, checks it against the
 * release's SHA256SUMS, and puts `nats-server` into the cache folder. Returns its path.
 */
export async function fetchOfficialRelease(
  options: FetchServerOptions & { readonly releasesUrl?: string },
): Promise<string> {
  const { cacheFolder, releasesUrl = RELEASES } = options;
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const name = `nats-server-v${OFFICIAL_VERSION}-${process.platform}-${architecture}`;
  const base = `${releasesUrl}/v${OFFICIAL_VERSION}`;
  try {
    const sums = (await download(`${base}/SHA256SUMS`, CONNECT_TIMEOUT_MS)).toString('utf8');
    const expected = checksumOf(sums, `${name}.tar.gz`);
    options.onProgress(`downloading nats-server ${OFFICIAL_VERSION} (about 7 MB)`);
    const archive = await download(`${base}/${name}.tar.gz`, DOWNLOAD_TIMEOUT_MS);
    const actual = createHash('sha256').update(archive).digest('hex');
    if (actual !== expected) {
      throw new Error(`checksum of ${name}.tar.gz is ${actual}, SHA256SUMS says ${expected}`);
    }
    return await unpack(archive, { cacheFolder, name });
  } catch (error) {
    throw new Error(`${new URL(releasesUrl).host}: ${reasonOf(error)}`, { cause: error });
  }
}

async function download(url: string, timeoutMs: number): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > DOWNLOAD_BYTES_MAX) throw new Error(`${url} is larger than a release can be`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The line of a file in the output format of sha256sum. */
function checksumOf(sums: string, file: string): string {
  for (const line of sums.split('\n')) {
    const [sum = '', name = ''] = line.trim().split(/\s+\*?/);
    if (name === file && /^[0-9a-f]{64}$/i.test(sum)) return sum.toLowerCase();
  }
  throw new Error(`SHA256SUMS does not name ${file}; there is no release for this platform`);
}

async function unpack(archive: Buffer, to: { cacheFolder: string; name: string }): Promise<string> {
  await mkdir(to.cacheFolder, { recursive: true });
  const work = await mkdtemp(join(to.cacheFolder, 'release-'));
  try {
    await writeFile(join(work, 'archive.tar.gz'), archive);
    const member = `${to.name}/nats-server`;
    await promisify(execFile)('tar', ['-xzf', 'archive.tar.gz', member], { cwd: work });
    const folder = join(to.cacheFolder, `nats-server-${OFFICIAL_VERSION}`);
    await chmod(join(work, member), 0o755);
    await mkdir(folder, { recursive: true });
    // By rename, so that another start never runs half a file.
    await rename(join(work, member), join(folder, 'nats-server'));
    return join(folder, 'nats-server');
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Why a fetch failed: the cause says it (ENOTFOUND, ECONNREFUSED), the message is always "fetch failed". */
function reasonOf(error: unknown): string {
  const cause = (error as { cause?: unknown }).cause;
  return cause instanceof Error ? `${messageOf(error)} (${cause.message})` : messageOf(error);
}
