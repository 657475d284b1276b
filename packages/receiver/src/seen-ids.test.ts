import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSeenIds } from './seen-ids.ts';

test('an id is handled once', async () => {
  const seen = createSeenIds();
  assert.deepEqual(await seen.once('a', () => 1), { kind: 'done', result: 1 });
  assert.deepEqual(await seen.once('a', () => 2), { kind: 'repeat' });
  seen.forget('a');
  assert.deepEqual(await seen.once('a', () => 3), { kind: 'done', result: 3 });
});

test('an id whose handling failed is handled by the next attempt', async () => {
  const seen = createSeenIds();
  const failing = seen.once('a', () => Promise.reject(new Error('no database')));
  await assert.rejects(failing, /no database/);
  assert.equal((await seen.once('a', () => 1)).kind, 'done');
});

test('a second attempt that comes while the first is handled is busy, not taken for handled', async () => {
  const seen = createSeenIds();
  const { promise, reject } = Promise.withResolvers<void>();
  const first = seen.once('a', () => promise);
  assert.deepEqual(await seen.once('a', () => 1), { kind: 'busy' });
  reject(new Error('failed after all'));
  await assert.rejects(first);
  assert.equal((await seen.once('a', () => 1)).kind, 'done');
});

test('no more ids are kept than asked for, the oldest goes first; no more are handled at once', async () => {
  const seen = createSeenIds({ entriesMax: 2 });
  for (const id of ['a', 'b', 'c']) await seen.once(id, () => undefined);
  assert.equal(seen.size, 2);
  assert.equal((await seen.once('b', () => undefined)).kind, 'repeat');
  assert.equal((await seen.once('a', () => undefined)).kind, 'done');

  const { promise, resolve } = Promise.withResolvers<void>();
  const running = ['x', 'y'].map((id) => seen.once(id, () => promise));
  assert.equal((await seen.once('z', () => undefined)).kind, 'busy');
  resolve();
  await Promise.all(running);
  assert.throws(() => createSeenIds({ entriesMax: 0 }), /entriesMax/);
});
