import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..', '..', '..', '..');
const SCRIPT = join(ROOT, 'services', 'console', 'scripts', 'build-page.ts');
const BUILDER = join(ROOT, 'services', 'console', 'node_modules', 'vite');

/**
 * Builds the console's page while the stack starts, which takes some seconds the first time and none
 * afterwards. A page that cannot be built stops nothing: REST works without it, and the page says so.
 */
export async function buildPage(onProgress: (line: string) => void): Promise<void> {
  // An installation for production has the page, and not what builds it.
  if (!existsSync(BUILDER)) return;
  const child = spawn(process.execPath, [SCRIPT], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4_000);
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  const lines = output.trim().split('\n');
  if (code !== 0) onProgress(`the console's page could not be built:\n${lines.join('\n    ')}`);
  else if (!output.includes('up to date')) onProgress(lines.at(-1) ?? '');
}
