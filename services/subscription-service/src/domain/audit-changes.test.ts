import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createSealer } from '@hookline/credentials';
import { changesOf, shownFields } from './audit-changes.ts';

const sealed = createSealer(randomBytes(32).toString('base64')).seal('supersecret', 'x');

test('fields are shown by the names of the interface, with nothing sealed and no value of a header', () => {
  const data = {
    id: 'sub_1',
    at: '2030-01-01T00:00:00Z',
    secret: sealed,
    settings: {
      timeoutMs: 5_000,
      auth: sealed,
      headers: { 'X-Token': 'supersecret' },
      filter: { types: ['a'], deep: [sealed, { inner: sealed, other: 1 }] },
    },
  };
  const shown = shownFields(data);
  assert.deepEqual(shown, {
    timeout_ms: 5_000,
    headers: ['X-Token'],
    filter: { types: ['a'], deep: [{ other: 1 }] },
  });
});

test('a change has the values before and after; what stayed or is empty from the start is none', () => {
  const known = shownFields({ settings: { url: 'a', timeoutMs: 1 } });
  assert.deepEqual(changesOf({ url: 'b', timeout_ms: 1, description: 'new', format: '' }, known), {
    url: { before: 'a', after: 'b' },
    description: { after: 'new' },
  });
  assert.equal(changesOf({ url: 'a' }, known), undefined);
});
