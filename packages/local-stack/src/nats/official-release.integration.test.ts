import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort, tempDir } from '@hookline/testing';
import { fetchOfficialRelease, OFFICIAL_VERSION } from './official-release.ts';

const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
const name = `nats-server-v${OFFICIAL_VERSION}-${process.platform}-${architecture}`;
const quiet = { onProgress: () => {} };

test('a release whose checksum is right is unpacked into the cache', async () => {
  await using folder = await tempDir('release');
  await using site = await releaseSite(folder.path, (archive) => sha256(archive));
  const cacheFolder = join(folder.path, 'cache');
  const path = await fetchOfficialRelease({ ...quiet, cacheFolder, releasesUrl: site.url });
  assert.equal(execFileSync(path, { encoding: 'utf8' }), 'nats-server: v0\n');
  assert.deepEqual(await readdir(cacheFolder), [`nats-server-${OFFICIAL_VERSION}`]);
});

test('a release with another checksum is refused and leaves nothing', async () => {
  await using folder = await tempDir('release');
  await using site = await releaseSite(folder.path, () => 'a'.repeat(64));
  const cacheFolder = join(folder.path, 'cache');
  await assert.rejects(
    fetchOfficialRelease({ ...quiet, cacheFolder, releasesUrl: site.url }),
    /checksum of .* SHA256SUMS says aaaa/,
  );
  await assert.rejects(readdir(cacheFolder), { code: 'ENOENT' });
});

test('a site that cannot be reached is given up at once, by name', async () => {
  await using folder = await tempDir('release');
  const releasesUrl = `http://127.0.0.1:${await freePort()}`;
  await assert.rejects(
    fetchOfficialRelease({ ...quiet, cacheFolder: folder.path, releasesUrl }),
    /^Error: 127\.0\.0\.1:\d+: fetch failed \(.*ECONNREFUSED/,
  );
});

/** A site like the one releases are on, with an archive whose program only prints a version. */
async function releaseSite(folder: string, sumOf: (archive: Buffer) => string) {
  await mkdir(join(folder, name));
  const script = '#!/bin/sh\necho nats-server: v0\n';
  await writeFile(join(folder, name, 'nats-server'), script, { mode: 0o755 });
  execFileSync('tar', ['-czf', 'archive.tar.gz', name], { cwd: folder });
  const archive = readFileSync(join(folder, 'archive.tar.gz'));
  const server = createServer((request, response) => {
    if (request.url === `/v${OFFICIAL_VERSION}/SHA256SUMS`) {
      response.end(`${'0'.repeat(64)}  other.zip\n${sumOf(archive)}  ${name}.tar.gz\n`);
    } else if (request.url === `/v${OFFICIAL_VERSION}/${name}.tar.gz`) response.end(archive);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
