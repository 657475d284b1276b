import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** A Chromium of this machine, installed from Debian's packages where we are root; or why there is none. */
export function findChromium(): { readonly path: string } | { readonly reason: string } {
  const given = process.env.CHROMIUM_PATH;
  if (given !== undefined) return { path: given };
  const found = PLACES.find((path) => existsSync(path));
  if (found !== undefined) return { path: found };
  const remedy = 'install Chromium, or say by CHROMIUM_PATH where it is';
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    return { reason: `there is no Chromium on this machine; ${remedy}` };
  }
  console.log('installing chromium from the Debian archive');
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const { status, stderr } = spawnSync('apt-get', ['-q', ...args], { env, encoding: 'utf8' });
    if (status === 0) continue;
    const why = stderr.trim().split('\n').at(-1) ?? `it ended with ${status}`;
    return { reason: `apt-get ${args[0]} failed (${why}); ${remedy}` };
  }
  const path = PLACES.find((place) => existsSync(place));
  return path === undefined ? { reason: `the package holds no browser; ${remedy}` } : { path };
}
