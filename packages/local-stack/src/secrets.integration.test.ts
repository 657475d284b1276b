import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { tempDir } from '@hookline/testing';
import { openSecrets } from './secrets.ts';

test('another master key is refused, unless the stored one is named as an older one; then it stays', async () => {
  await using folder = await tempDir('secrets');
  const none = { apiKey: undefined, masterKey: undefined };
  const first = await openSecrets(folder.path, none);
  const masterKey = randomBytes(32).toString('base64');
  const given = { apiKey: undefined, masterKey };
  await assert.rejects(openSecrets(folder.path, given), { code: 'other_master_key' });
  const masterKeysOld = [first.masterKey];
  const changed = await openSecrets(folder.path, { ...given, masterKeysOld });
  assert.deepEqual(changed, { ...first, masterKey });
  assert.deepEqual(await openSecrets(folder.path, none), changed);
});
