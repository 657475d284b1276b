/**
 * The console's page in a real Chromium, against a whole stack. `--screenshots` writes those of the
 * documentation besides. Without a Chromium, and without the means to get one, it says so.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { findChromium } from './chromium.ts';

/** A slow machine takes five times as long as a quick one. */
const TIMEOUT_MS = 900_000;
const { values } = parseArgs({ options: { screenshots: { type: 'boolean' } } });
const chromium = findChromium();

if ('reason' in chromium) {
  console.log(`skipped: ${chromium.reason}`);
} else {
  run(['services/console/scripts/build-page.ts']);
  run(['--test', `--test-timeout=${TIMEOUT_MS}`, 'test/console/page.ts'], {
    CHROMIUM_PATH: chromium.path,
    ...(values.screenshots && { HOOKLINE_SCREENSHOTS: 'docs/images' }),
  });
}

function run(args: readonly string[], env: Record<string, string> = {}): void {
  if (process.exitCode !== undefined && process.exitCode !== 0) return;
  const options = { env: { ...process.env, ...env }, stdio: 'inherit' } as const;
  process.exitCode = spawnSync(process.execPath, args, options).status ?? 1;
}
