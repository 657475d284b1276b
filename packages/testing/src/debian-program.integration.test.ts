import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { debianProgram } from './debian-program.ts';
import { tempDir } from './temp-dir.ts';

async function script(path: string, exitCode: number): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\nexit ${exitCode}\n`);
  await chmod(path, 0o755);
  return path;
}

test('a program is taken from PATH, else from the cache, else fetched once, else said to be missing', async () => {
  await using folder = await tempDir('debian-program');
  const env = { PATH: join(folder.path, 'bin'), XDG_CACHE_HOME: folder.path };
  let fetched = 0;
  const find = (exitCode: number) =>
    debianProgram({
      ...{ name: 'odd-program', probe: ['-version'], env },
      fetchPackage: ({ cacheFolder, name }) => {
        fetched += 1;
        return script(join(cacheFolder, `${name}-debian`, name), exitCode);
      },
    });
  const broken = await find(3);
  assert.match(
    broken.kind === 'missing' ? broken.reason : '',
    /does not run here.*apt-get install/,
  );
  const path = join(folder.path, 'hookline', 'odd-program-debian', 'odd-program');
  assert.deepEqual(await find(0), { kind: 'found', path });
  assert.deepEqual(await find(0), { kind: 'found', path });
  assert.equal(fetched, 2, 'what is in the cache and runs is not fetched again');
  await script(join(folder.path, 'bin', 'odd-program'), 0);
  assert.deepEqual(await find(0), { kind: 'found', path: 'odd-program' });
});

test('without a network or apt it is missing, with the reason and the remedy', async () => {
  await using folder = await tempDir('debian-program');
  const found = await debianProgram({
    ...{ name: 'odd-program', probe: [], env: { PATH: '', XDG_CACHE_HOME: folder.path } },
    fetchPackage: () => Promise.reject(new Error('apt: no network')),
  });
  assert.deepEqual(found, {
    kind: 'missing',
    reason:
      'odd-program is not on this machine (apt: no network); on Debian: apt-get install odd-program',
  });
});
