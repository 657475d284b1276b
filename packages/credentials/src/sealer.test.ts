import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createSealer } from './sealer.ts';
import { SealError } from './sealing-key.ts';

const newKey = () => randomBytes(32).toString('base64');
const context = 'subscription:sub_1:secret';

test('what is sealed opens in its place, whatever its characters', () => {
  const sealer = createSealer(newKey());
  for (const text of ['', 'supersecret', 'ключ 🔑', 'x'.repeat(10_000)]) {
    assert.equal(sealer.open(sealer.seal(text, context), context), text);
  }
});

test('two seals of one text differ, and neither shows it', () => {
  const sealer = createSealer(newKey());
  const sealed = [sealer.seal('supersecret', context), sealer.seal('supersecret', context)];
  assert.notEqual(sealed[0], sealed[1]);
  assert.ok(sealed.every((text) => !text.includes('supersecret')));
});

test('a sealed value moved to another place does not open', () => {
  const sealer = createSealer(newKey());
  const sealed = sealer.seal('supersecret', context);
  assert.throws(() => sealer.open(sealed, 'subscription:sub_2:secret'), SealError);
});

test('an altered value does not open, wherever it was altered', () => {
  const sealer = createSealer(newKey());
  const sealed = sealer.seal('supersecret', context);
  for (const [index, character] of [...sealed].entries()) {
    const altered =
      sealed.slice(0, index) + (character === 'A' ? 'B' : 'A') + sealed.slice(index + 1);
    // The last character of base64url may hold bits that stand for nothing.
    if (Buffer.from(altered, 'base64url').equals(Buffer.from(sealed, 'base64url'))) continue;
    if (index === sealed.length - 1) continue;
    assert.throws(() => sealer.open(altered, context), SealError);
  }
  for (const text of ['', 'v1', 'v1.x.y.z', `${sealed}.more`, sealed.slice(0, -30)]) {
    assert.throws(() => sealer.open(text, context), SealError);
  }
});

test('a new master key opens what the older one sealed, and says what to seal anew', () => {
  const [older, newer] = [newKey(), newKey()];
  const sealed = createSealer(older).seal('supersecret', context);
  const rekeyed = createSealer(newer, [older]);
  assert.equal(rekeyed.open(sealed, context), 'supersecret');
  assert.equal(rekeyed.isStale(sealed), true);
  assert.equal(rekeyed.isStale(rekeyed.seal('supersecret', context)), false);
  assert.throws(() => createSealer(newer).open(sealed, context), /HOOKLINE_MASTER_KEY/);
});

test('a master key that is not 32 bytes of base64 is refused', () => {
  for (const text of ['', 'garbage', randomBytes(16).toString('base64'), `${newKey()}AAAA`]) {
    assert.throws(() => createSealer(text), SealError);
  }
});
