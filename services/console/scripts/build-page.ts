/**
 * Builds the console's page into `web/dist`, unless what is there was built of the same sources. The
 * new one takes the old one's place in one step, so that two builds at once, or one that is ended,
 * leave a whole page.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

const CONSOLE = join(import.meta.dirname, '..');
const ROOT = join(CONSOLE, '..', '..');
const WEB = join(CONSOLE, 'web');
const DIST = join(WEB, 'dist');
/** Within the built page: the hash of what it was built of. */
const STAMP = 'built-of';
/** The page, the programs that it shows, and the versions of what it is made with. */
const INPUTS = [
  'services/console/web/index.html',
  'services/console/web/public',
  'services/console/web/src',
  'services/console/scripts/build-page.ts',
  'docs/verify',
  'pnpm-lock.yaml',
];

const startedAt = performance.now();
const inputs = hashOfInputs();
if (readStamp() === inputs) {
  console.log('the page is up to date');
} else {
  await buildPage();
  console.log(`the page is built, in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}

function hashOfInputs(): string {
  const hash = createHash('sha256');
  for (const name of INPUTS.flatMap(filesOf)) {
    hash
      .update(name)
      .update('\0')
      .update(readFileSync(join(ROOT, name)))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesOf(name: string): string[] {
  const path = join(ROOT, name);
  if (statSync(path).isFile()) return [name];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort();
}

function readStamp(): string | undefined {
  try {
    return readFileSync(join(DIST, STAMP), 'utf8');
  } catch {
    return undefined;
  }
}

async function buildPage(): Promise<void> {
  // Half a second that a page which is up to date does not have to wait for.
  const { build } = await import('vite');
  const folder = await mkdtemp(join(WEB, 'dist-'));
  try {
    await build({
      configFile: false,
      root: WEB,
      logLevel: 'warn',
      build: {
        outDir: folder,
        emptyOutDir: true,
        target: 'es2022',
        chunkSizeWarningLimit: 2_000,
        rolldownOptions: {
          onLog(level, log, handle) {
            // The component library marks its modules for servers that render; there is none.
            if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
          },
        },
      },
    });
    await writeFile(join(folder, STAMP), inputs);
    // A temporary folder is its maker's alone; the page is served by whoever the console runs as.
    await chmod(folder, 0o755);
    await rm(DIST, { recursive: true, force: true });
    await rename(folder, DIST);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
