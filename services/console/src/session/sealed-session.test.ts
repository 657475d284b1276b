import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSessionSealer, isSame, SESSION_MS } from './sealed-session.ts';

const API_KEY = `hk_${'a'.repeat(43)}`;
const keyOf = (byte: number) => Buffer.alloc(32, byte);

test('a session is opened by whoever has the key, and holds nothing legible', () => {
  const { session, sealed } = createSessionSealer(keyOf(1)).create(API_KEY);
  assert.deepEqual(createSessionSealer(keyOf(1)).open(sealed), session);
  assert.equal(session.apiKey, API_KEY);
  assert.match(sealed, /^[\w-]{100,1000}$/);
  assert.ok(!Buffer.from(sealed, 'base64url').includes(API_KEY));
});

test('a session that was changed, cut, sealed elsewhere or made up is none', () => {
  const sealer = createSessionSealer(keyOf(1));
  const { sealed } = sealer.create(API_KEY);
  const changed = Buffer.from(sealed, 'base64url');
  changed[40] = (changed[40] ?? 0) ^ 1;
  const others = [
    changed.toString('base64url'),
    sealed.slice(0, -4),
    createSessionSealer(keyOf(2)).create(API_KEY).sealed,
    '',
    'x',
    'A'.repeat(2_000),
  ];
  for (const other of others) assert.equal(sealer.open(other), undefined, other.slice(0, 20));
});

test('a session ends after twelve hours', () => {
  let now = 1_000;
  const sealer = createSessionSealer(keyOf(1), () => now);
  const { sealed } = sealer.create(API_KEY);
  now += SESSION_MS - 1;
  assert.ok(sealer.open(sealed));
  now += 1;
  assert.equal(sealer.open(sealed), undefined);
});

test('texts are compared whole', () => {
  assert.ok(isSame('token', 'token'));
  for (const other of ['', 'toke', 'token2', 'Token']) assert.ok(!isSame(other, 'token'), other);
});
