import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fetchDebianPackage, userCacheFolder } from '@hookline/local-stack/servers';

const run = promisify(execFile);
const CACHE = userCacheFolder(process.env);

/** promtool of Prometheus, or why it cannot be had. */
export type Promtool = { readonly path: string } | { readonly missing: string };

/**
 * The installed promtool, else the one of Debian's package `prometheus`, unpacked once into
 * Hookline's cache folder, as nats-server is: no root is needed, and nothing is installed.
 */
export async function findPromtool(): Promise<Promtool> {
  const cached = join(CACHE, 'promtool');
  for (const path of ['promtool', cached]) {
    if (await works(path)) return { path };
  }
  try {
    await mkdir(CACHE, { recursive: true });
    // Several tests may look for it at once: each fetches for itself, and puts it there in one step.
    const cacheFolder = await mkdtemp(join(CACHE, 'promtool-'));
    try {
      const program = {
        ...{ name: 'prometheus', program: 'usr/bin/promtool' as const },
        onProgress() {},
      };
      await rename(await fetchDebianPackage({ ...program, cacheFolder }), cached);
    } finally {
      await rm(cacheFolder, { recursive: true, force: true });
    }
    return { path: cached };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { missing: `promtool is not installed and could not be fetched (${reason})` };
  }
}

async function works(path: string): Promise<boolean> {
  return await run(path, ['--version']).then(
    () => true,
    () => false,
  );
}

/** Runs it; what it prints, and whether it found everything good. */
export async function runPromtool(
  path: string,
  args: readonly string[],
  input = '',
): Promise<{ readonly ok: boolean; readonly output: string }> {
  const child = spawn(path, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  child.stdin.end(input);
  const code = await new Promise((resolveCode) => child.once('close', resolveCode));
  return { ok: code === 0, output };
}
