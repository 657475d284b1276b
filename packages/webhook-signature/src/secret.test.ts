import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { checkSecret, generateSecret, secretKeyBytes } from './secret.ts';

test('a made secret is whsec_ and the base64 of 32 bytes, each time another', () => {
  const secret = generateSecret();
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  assert.equal(secretKeyBytes(secret).length, 32);
  assert.notEqual(generateSecret(), secret);
  assert.deepEqual(checkSecret(secret), { kind: 'ok' });
});

test('whsec_<base64> is decoded as the library standardwebhooks decodes it', () => {
  // The last one leaves trailing bits set, which the libraries let pass.
  const encodings = ['MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'YWJjZGVmZ2g=', 'YWJjZGVmZw==', 'ab=='];
  for (const base64 of encodings) {
    const secret = `whsec_${base64}`;
    const { key } = new Webhook(secret) as unknown as { key: Uint8Array };
    assert.deepEqual(new Uint8Array(secretKeyBytes(secret)), new Uint8Array(key), secret);
  }
});

test('anything that is not whsec_<base64> is its UTF-8 bytes', () => {
  const others = [
    'your_webhook_secret',
    'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'größe-☃',
    'whsec_',
    'whsec_not base64!',
    'whsec_YWJjZGVmZw',
    'whsec_abc-_def',
    'WHSEC_YWJj',
  ];
  for (const secret of others) {
    assert.deepEqual(secretKeyBytes(secret), Buffer.from(secret, 'utf8'), secret);
  }
});

test('a whsec_ that is not base64 is accepted with a warning that says what the key is', () => {
  const check = checkSecret('whsec_not-base64-but-long-enough-to-be-strong');
  assert.equal(check.kind, 'ok');
  assert.match(check.kind === 'ok' ? (check.warning ?? '') : '', /not padded base64/);
});

test('8 to 256 characters are taken, counted as people count them', () => {
  const kind = (secret: string) => checkSecret(secret).kind;
  assert.equal(kind('x'.repeat(7)), 'fault');
  assert.equal(kind('x'.repeat(8)), 'ok');
  assert.equal(kind('x'.repeat(256)), 'ok');
  assert.equal(kind('x'.repeat(257)), 'fault');
  assert.equal(kind(''), 'fault');
  assert.equal(kind('😀'.repeat(8)), 'ok');
  assert.equal(kind('😀'.repeat(7)), 'fault');
  assert.equal(kind('😀'.repeat(256)), 'ok');
});

test('under 24 key bytes there is a warning, not a refusal', () => {
  const warned = (secret: string) => {
    const check = checkSecret(secret);
    return check.kind === 'ok' && check.warning !== undefined;
  };
  assert.equal(warned('your_webhook_secret'), true);
  assert.equal(warned('x'.repeat(23)), true);
  assert.equal(warned('x'.repeat(24)), false);
  assert.equal(warned('ü'.repeat(12)), false);
  assert.equal(warned(`whsec_${Buffer.alloc(23).toString('base64')}`), true);
  assert.equal(warned(`whsec_${Buffer.alloc(24).toString('base64')}`), false);
});

test('what cannot be printed is refused, and no message quotes the secret', () => {
  for (const bad of ['\n', '\t', '\u0000', '\u007f', '\u200b', '\u202e', '\ud800', '\u2028']) {
    const check = checkSecret(`hunter2-hunter2${bad}`);
    assert.equal(check.kind, 'fault', JSON.stringify(bad));
    assert.doesNotMatch(JSON.stringify(check), /hunter2/);
  }
  assert.equal(checkSecret('with a space in it').kind, 'ok');
  assert.doesNotMatch(JSON.stringify(checkSecret('hunter2-hunter2')), /hunter2/);
});
