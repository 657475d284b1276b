import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAccount, createOperator, createUser } from '@nats-io/nkeys';
import { nativeKeyPair } from './native-keys.ts';

test('a native key pair has the same public key and makes the same signatures', () => {
  const input = new TextEncoder().encode('claims');
  for (const pair of [createAccount(), createOperator(), createUser()]) {
    const native = nativeKeyPair(pair.getSeed());
    assert.equal(native.getPublicKey(), pair.getPublicKey());
    assert.deepEqual(native.sign(input), pair.sign(input));
    assert.ok(native.verify(input, pair.sign(input)));
    assert.ok(!native.verify(input, pair.sign(new TextEncoder().encode('others'))));
    assert.deepEqual(native.getPrivateKey(), pair.getPrivateKey());
    assert.deepEqual(native.getSeed(), pair.getSeed());
  }
});
