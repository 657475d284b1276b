import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCredentials } from '@hookline/nats-authority';
import { tempDir } from '@hookline/testing';
import { writeComposeFiles } from './compose-setup.ts';

test('the containers get closed files, the same at every setup, with a NATS that knows their credentials', async () => {
  await using folder = await tempDir('compose');
  await writeComposeFiles(folder.path);
  const files = await contents(folder.path);
  for (const name of files.keys()) {
    assert.equal((await stat(join(folder.path, name))).mode & 0o777, 0o600, name);
  }
  await writeComposeFiles(folder.path);
  assert.deepEqual(await contents(folder.path), files);

  const config = files.get('nats-server.conf') ?? '';
  for (const name of ['services.creds', 'default.node-1.creds']) {
    const { accountId } = await readCredentials(files.get(name) ?? '');
    assert.match(config, new RegExp(`resolver_preload \\{[^}]*\\n {2}${accountId}: ey`), name);
  }
});

async function contents(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder)).sort();
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const),
    ),
  );
}
