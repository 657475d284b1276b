import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { createKeyCache } from './key-cache.ts';
import { generateSecret, secretKeyBytes } from './secret.ts';
import { signStandardWebhook, verifyStandardWebhook } from './standard-webhook.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const now = Math.floor(Date.now() / 1000);

function request(body: string, secrets: readonly string[], timestampSeconds = now) {
  const id = 'dlv_01jxw5';
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signStandardWebhook({ id, timestampSeconds, body, secrets }),
  };
}

test('the vector published with Standard Webhooks is reproduced', () => {
  const signature = signStandardWebhook({
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestampSeconds: 1614265330,
    body: '{"test": 2432232314}',
    secrets: [SECRET],
  });
  assert.equal(signature, 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test('the library standardwebhooks accepts what we sign, whatever the body', () => {
  const bodies = [
    '{}',
    '{"name":"größe ☃ 😀"}',
    '{\n  "n": 1e2\n}\n',
    '""',
    `["${'x'.repeat(50_000)}"]`,
  ];
  for (const body of bodies) {
    const secret = generateSecret();
    new Webhook(secret).verify(body, request(body, [secret]));
  }
});

test('a secret that is no whsec_ is taken by the library as whsec_ and base64 of it', () => {
  const secret = 'your_webhook_secret';
  const asLibrarySecret = `whsec_${Buffer.from(secret).toString('base64')}`;
  new Webhook(asLibrarySecret).verify('{}', request('{}', [secret]));
  new Webhook(secret, { format: 'raw' }).verify('{}', request('{}', [secret]));
});

test('we accept what the library standardwebhooks signs', () => {
  const body = '{"a":"ü"}';
  const headers = {
    'Webhook-Id': 'msg_1',
    'Webhook-Timestamp': String(now),
    'Webhook-Signature': new Webhook(SECRET).sign('msg_1', new Date(now * 1000), body),
  };
  const verdict = verifyStandardWebhook({ headers, body, secrets: [SECRET], nowSeconds: now });
  assert.deepEqual(verdict, { kind: 'verified', id: 'msg_1', timestampSeconds: now });
});

test('during a rotation both the old and the new secret verify', () => {
  const [older, newer] = [generateSecret(), generateSecret()];
  const headers = request('{}', [newer, older]);
  assert.match(headers['webhook-signature'], /^v1,[A-Za-z0-9+/]{43}= v1,[A-Za-z0-9+/]{43}=$/);
  for (const secret of [older, newer]) {
    new Webhook(secret).verify('{}', headers);
    assert.equal(
      verifyStandardWebhook({ headers, body: '{}', secrets: [secret], nowSeconds: now }).kind,
      'verified',
    );
  }
});

test('text and its UTF-8 bytes sign alike', () => {
  const body = '{"a":"☃"}';
  const message = { id: 'dlv_1', timestampSeconds: now, secrets: [SECRET] };
  assert.equal(
    signStandardWebhook({ ...message, body }),
    signStandardWebhook({ ...message, body: new TextEncoder().encode(body) }),
  );
});

test('what differs by one byte, header or secret is refused with its reason', () => {
  const headers = request('{}', [SECRET]);
  const right = { headers, body: '{}', secrets: [SECRET], nowSeconds: now };
  const reason = (change: Partial<Parameters<typeof verifyStandardWebhook>[0]>) => {
    const verdict = verifyStandardWebhook({ ...right, ...change });
    return verdict.kind === 'refused' ? verdict.reason : verdict.kind;
  };
  const withHeader = (name: string, value: string | undefined) =>
    reason({ headers: { ...headers, [name]: value } });
  assert.equal(reason({}), 'verified');
  assert.equal(reason({ body: '{ }' }), 'no_matching_signature');
  assert.equal(reason({ secrets: [generateSecret()] }), 'no_matching_signature');
  assert.equal(reason({ secrets: [] }), 'no_matching_signature');
  assert.equal(reason({ secrets: [''] }), 'no_matching_signature');
  assert.equal(withHeader('webhook-id', 'dlv_other'), 'no_matching_signature');
  assert.equal(withHeader('webhook-timestamp', String(now - 1)), 'no_matching_signature');
  assert.equal(withHeader('webhook-id', undefined), 'missing_header');
  assert.equal(withHeader('webhook-signature', ''), 'missing_header');
  assert.equal(withHeader('webhook-timestamp', '12x'), 'invalid_timestamp');
  assert.equal(withHeader('webhook-timestamp', '-5'), 'invalid_timestamp');
  assert.equal(
    withHeader('webhook-signature', 'v1, v1,AAAA nonsense v2,x'),
    'no_matching_signature',
  );
  const v1a = headers['webhook-signature'].replace('v1,', 'v1a,');
  assert.equal(withHeader('webhook-signature', v1a), 'no_matching_signature');
});

test('the tolerance counts both ways, to the second', () => {
  const kindAt = (offset: number, toleranceSeconds?: number) => {
    const verdict = verifyStandardWebhook({
      headers: request('{}', [SECRET], now + offset),
      body: '{}',
      secrets: [SECRET],
      nowSeconds: now,
      ...(toleranceSeconds !== undefined && { toleranceSeconds }),
    });
    return verdict.kind === 'refused' ? verdict.reason : verdict.kind;
  };
  assert.equal(kindAt(-300), 'verified');
  assert.equal(kindAt(300), 'verified');
  assert.equal(kindAt(-301), 'too_old');
  assert.equal(kindAt(301), 'too_new');
  assert.equal(kindAt(-11, 10), 'too_old');
});

test('what could never be verified is not signed', () => {
  const right = { id: 'dlv_1', timestampSeconds: 1, body: '', secrets: [SECRET] };
  signStandardWebhook(right);
  assert.throws(() => signStandardWebhook({ ...right, id: 'a.b' }), RangeError);
  assert.throws(() => signStandardWebhook({ ...right, id: '' }), RangeError);
  assert.throws(() => signStandardWebhook({ ...right, timestampSeconds: 1.5 }), RangeError);
  assert.throws(() => signStandardWebhook({ ...right, timestampSeconds: Number.NaN }), RangeError);
  assert.throws(() => signStandardWebhook({ ...right, secrets: [] }), RangeError);
  assert.throws(() => signStandardWebhook({ ...right, secrets: [''] }), RangeError);
});

test('the key cache stays bounded, keeps what is in use, and never mixes keys', () => {
  const keyOf = createKeyCache(2);
  const first = keyOf('secret-one');
  keyOf('secret-two');
  assert.equal(keyOf('secret-one'), first);
  keyOf('secret-three');
  assert.equal(keyOf('secret-one'), first, 'the least recently used one went');
  const again = keyOf('secret-two');
  assert.deepEqual(again.export(), secretKeyBytes('secret-two'));
});
