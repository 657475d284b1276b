import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCredentials } from '@hookline/nats-authority';
import { tempDir } from '@hookline/testing';
import { readComposeOptions, writeComposeFiles } from './compose-setup.ts';

const defaults = readComposeOptions({});

test('the containers get closed files, the same at every setup, with a NATS that knows their credentials', async () => {
  await using folder = await tempDir('compose');
  await writeComposeFiles(folder.path, defaults);
  const files = await contents(folder.path);
  for (const name of files.keys()) {
    assert.equal((await stat(join(folder.path, name))).mode & 0o777, 0o600, name);
  }
  await writeComposeFiles(folder.path, defaults);
  assert.deepEqual(await contents(folder.path), files);

  const config = files.get('nats-server.conf') ?? '';
  for (const name of ['services.creds', 'default.node-1.creds']) {
    const { accountId } = await readCredentials(files.get(name) ?? '');
    assert.match(config, new RegExp(`resolver_preload \\{[^}]*\\n {2}${accountId}: ey`), name);
  }
});

test('NATS flushes each write where its version knows how, and clients are told the published address', async () => {
  await using folder = await tempDir('compose');
  for (const [version, flushes] of [
    ['2.9', false],
    ['2.12', true],
    ['2.10.4', true],
  ] as const) {
    const env = { HOOKLINE_NATS_VERSION: version, HOOKLINE_PUBLISH_ADDRESS: '127.0.0.2' };
    await writeComposeFiles(folder.path, readComposeOptions(env));
    const files = await contents(folder.path);
    const config = files.get('nats-server.conf') ?? '';
    assert.equal(config.includes('sync_interval: always'), flushes, version);
    const { http, nats } = JSON.parse(files.get('endpoints.json') ?? '');
    assert.deepEqual(
      { http, nats },
      { http: 'http://127.0.0.2:8080', nats: 'nats://127.0.0.2:4222' },
    );
  }
});

test('what the containers cannot be set up with is refused, each variable by its name', () => {
  const env = { HOOKLINE_NATS_VERSION: 'latest', HOOKLINE_PUBLISH_ADDRESS: 'localhost' };
  assert.throws(
    () => readComposeOptions(env),
    /HOOKLINE_NATS_VERSION is latest; .*HOOKLINE_PUBLISH_ADDRESS is localhost/,
  );
  assert.equal(
    readComposeOptions({ HOOKLINE_PUBLISH_ADDRESS: '0.0.0.0' }).publishedOn,
    '127.0.0.1',
  );
});

async function contents(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder)).sort();
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const),
    ),
  );
}
