import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const repositoryFolder = fileURLToPath(new URL('../../../', import.meta.url));
const programs = fileURLToPath(new URL('../node_modules/.bin/', import.meta.url));

/** Where the committed output of `generateInto` lives. */
export const generatedFolder = fileURLToPath(new URL('../src/gen/', import.meta.url));

export interface BufResult {
  readonly succeeded: boolean;
  /** What it printed, standard output first. */
  readonly output: string;
}

/** Runs an action with a folder of its own, which is gone afterwards. */
export async function withScratchFolder<T>(action: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'hookline-protos-'));
  try {
    return await action(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Runs buf at the root of the repository, whatever the current directory, with this Node first in
 * PATH for the plugin, and with its cache in `scratch`, since a home folder may not be writable.
 */
export function runBuf(scratch: string, args: readonly string[]): Promise<BufResult> {
  const path = [dirname(process.execPath), process.env.PATH ?? ''].join(delimiter);
  const child = spawn(join(programs, 'buf'), args, {
    cwd: repositoryFolder,
    env: { ...process.env, PATH: path, BUF_CACHE_DIR: join(scratch, 'cache') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: [string, string] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed[0] += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed[1] += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', (cause) => {
      reject(
        new Error('buf could not be run: install the packages with `npx pnpm install`', { cause }),
      );
    });
    child.on('close', (code) =>
      resolve({ succeeded: code === 0, output: printed.join('').trim() }),
    );
  });
}

async function mustRunBuf(scratch: string, args: readonly string[]): Promise<void> {
  const { succeeded, output } = await runBuf(scratch, args);
  if (!succeeded) throw new Error(`buf ${args[0]} failed:\n${output}`);
}

/**
 * Generates everything that is generated from `proto/` into a folder: the TypeScript of every
 * file, and `hookline.binpb`, the FileDescriptorSet (with comments) that gRPC reflection serves.
 */
export async function generateInto(folder: string, scratch: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all([
    mustRunBuf(scratch, ['generate', '--template', 'buf.gen.yaml', '--output', folder]),
    mustRunBuf(scratch, [
      'build',
      '--as-file-descriptor-set',
      '--output',
      join(folder, 'hookline.binpb'),
    ]),
  ]);
}

/** Every file below a folder: contents by path, with `/` between the names. Empty if it is absent. */
export async function readTree(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const contents = entries
    .filter((entry) => entry.isFile())
    .map(async (entry): Promise<[string, Buffer]> => {
      const path = join(entry.parentPath, entry.name);
      return [relative(folder, path).split(sep).join('/'), await readFile(path)];
    });
  return new Map(await Promise.all(contents));
}
