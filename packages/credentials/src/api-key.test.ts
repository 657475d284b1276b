import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DomainError } from '@hookline/contracts';
import { bearerApiKey, hashApiKey, isApiKey, newApiKey, type Role, roles } from './api-key.ts';
import { requireRole } from './require-role.ts';

test('a new key has the form hk_ and 43 characters, and is never the same', () => {
  const keys = Array.from({ length: 100 }, newApiKey);
  assert.ok(keys.every((key) => isApiKey(key) && key.length === 46));
  assert.equal(new Set(keys).size, 100);
});

test('the stored hash is SHA-256 in hex', () => {
  assert.equal(
    hashApiKey('abc'),
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});

test('a key is found in an authorization value, in base64 only where that is allowed', () => {
  const key = newApiKey();
  const encoded = Buffer.from(key).toString('base64');
  assert.equal(bearerApiKey(`Bearer ${key}`), key);
  assert.equal(bearerApiKey(`bearer ${key}`), key);
  assert.equal(bearerApiKey(`Bearer ${encoded}`), undefined);
  assert.equal(bearerApiKey(`Bearer ${encoded}`, { allowBase64: true }), key);
  for (const text of [
    undefined,
    '',
    key,
    `Basic ${key}`,
    'Bearer',
    'Bearer x',
    `Bearer ${key}x`,
    `Bearer ${'a'.repeat(9999)}`,
  ]) {
    assert.equal(bearerApiKey(text, { allowBase64: true }), undefined);
  }
});

test('roles include one another as documented', () => {
  const allowedFor = (allowed: Role): Role[] =>
    roles.filter((role) => {
      try {
        requireRole({ tenant: 'default', keyId: 'key_1', role }, allowed);
        return true;
      } catch (error) {
        assert.ok(error instanceof DomainError && error.code === 'permission_denied');
        return false;
      }
    });
  assert.deepEqual(allowedFor('admin'), ['admin']);
  assert.deepEqual(allowedFor('editor'), ['admin', 'editor']);
  assert.deepEqual(allowedFor('viewer'), ['admin', 'editor', 'viewer']);
  assert.deepEqual(allowedFor('publisher'), ['admin', 'publisher']);
});
