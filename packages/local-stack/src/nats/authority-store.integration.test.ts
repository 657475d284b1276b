import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { agentAccountId } from '@hookline/nats-authority';
import { tempDir } from '@hookline/testing';
import { openAuthority } from './authority-store.ts';

const nodeOne = { tenant: 'default', host: 'node-1' };
const nodeTwo = { tenant: 'default', host: 'node-2' };

test('keys and claims are made once, for their owner alone; an agent that is new to them is added', async () => {
  await using folder = await tempDir('authority');
  const path = join(folder.path, 'authority.json');
  const first = await openAuthority(path, [nodeOne]);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  const text = await readFile(path, 'utf8');
  assert.deepEqual(contentOf(await openAuthority(path, [nodeOne])), contentOf(first));
  assert.deepEqual(contentOf(await openAuthority(path)), contentOf(first));
  assert.equal(await readFile(path, 'utf8'), text);

  const more = await openAuthority(path, [nodeOne, nodeTwo]);
  assert.deepEqual(more.authority, first.authority);
  assert.deepEqual(more.claims, first.claims);
  const [one, two] = [nodeOne, nodeTwo].map((agent) => agentAccountId(first.authority, agent));
  assert.ok(one !== undefined && two !== undefined);
  assert.equal(more.agentAccounts[one], first.agentAccounts[one]);
  assert.deepEqual(Object.keys(more.agentAccounts).sort(), [one, two].sort());
  assert.deepEqual(contentOf(await openAuthority(path)), contentOf(more));
});

test('a file with other content is left as it is, and named with what to do', async () => {
  await using folder = await tempDir('authority');
  const path = join(folder.path, 'authority.json');
  const { authority, claims } = await openAuthority(path);
  const { agentsSecret, ...others } = authority;
  assert.equal(Buffer.from(agentsSecret, 'base64').length, 32);
  for (const content of [null, [], {}, { claimsVersion: 1, authority: others, claims }]) {
    await writeFile(path, JSON.stringify(content));
    await assert.rejects(openAuthority(path), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'damaged_file');
      assert.match(error.message, /authority\.json does not hold .* remove it to make new keys/);
      return true;
    });
    assert.equal(await readFile(path, 'utf8'), JSON.stringify(content));
  }
});

function contentOf({
  authority,
  claims,
  agentAccounts,
}: Awaited<ReturnType<typeof openAuthority>>) {
  return { authority, claims, agentAccounts };
}
