import assert from 'node:assert/strict';
import { createPrivateKey, sign } from 'node:crypto';
import { test } from 'node:test';
import { generateSecret } from './secret.ts';
import { generateSigningKeyPair, signEd25519, verifyEd25519 } from './signing-key.ts';
import { signStandardWebhook, verifyStandardWebhook } from './standard-webhook.ts';

const message = { id: 'dlv_1', timestampSeconds: 1_700_000_000, body: '{"a":"é"}' };

function verify(signature: string, keys: { secrets?: string[]; publicKeys?: string[] }) {
  return verifyStandardWebhook({
    headers: {
      'webhook-id': message.id,
      'webhook-timestamp': String(message.timestampSeconds),
      'webhook-signature': signature,
    },
    body: message.body,
    secrets: [],
    nowSeconds: message.timestampSeconds,
    ...keys,
  }).kind;
}

test('the public key verifies v1a, the secret verifies v1 beside it, and no other key does', () => {
  const [pair, other] = [generateSigningKeyPair(), generateSigningKeyPair()];
  const secret = generateSecret();
  assert.match(pair.publicKey, /^whpk_[A-Za-z0-9+/]{43}=$/);
  assert.match(pair.privateKey, /^whsk_[A-Za-z0-9+/]{86}==$/);
  const signature = signStandardWebhook({
    ...message,
    secrets: [secret],
    signingKeys: [pair.privateKey],
  });
  assert.match(signature, /^v1,\S{44} v1a,\S{88}$/);
  assert.equal(verify(signature, { publicKeys: [other.publicKey, pair.publicKey] }), 'verified');
  assert.equal(verify(signature, { secrets: [secret] }), 'verified');
  assert.equal(verify(signature, { publicKeys: [other.publicKey] }), 'refused');
  assert.equal(verify(signature, { publicKeys: [pair.privateKey, 'whpk_', ''] }), 'refused');
});

test('the signature is that of RFC 8032 for its first test vector', () => {
  const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
  const point = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
  const privateKey = `whsk_${Buffer.from(seed + point, 'hex').toString('base64')}`;
  const publicKey = `whpk_${Buffer.from(point, 'hex').toString('base64')}`;
  const signature = signEd25519(privateKey, new Uint8Array()).slice('v1a,'.length);
  assert.equal(
    Buffer.from(signature, 'base64').toString('hex'),
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  );
  const content = new Uint8Array();
  assert.ok(verifyEd25519({ signature, content, publicKeys: [publicKey] }));
  const der = `302e020100300506032b657004220420${seed}`;
  const key = createPrivateKey({ key: Buffer.from(der, 'hex'), format: 'der', type: 'pkcs8' });
  assert.equal(sign(null, content, key).toString('base64'), signature);
});

test('what is no private key is refused, without a word of it', () => {
  for (const text of ['whsk_', 'whsk_AAAA', generateSecret(), generateSigningKeyPair().publicKey]) {
    assert.throws(
      () => signEd25519(text, new Uint8Array()),
      (error) => error instanceof RangeError && !error.message.includes(text.slice(5) || '\n'),
    );
  }
});
