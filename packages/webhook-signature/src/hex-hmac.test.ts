import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { signHexHmac, verifyHexHmac } from './hex-hmac.ts';

/** The verifier of CDHosting's webhooks page, character by character as it stands there. */
const VENDOR_PAGE = `const crypto = require('crypto');
function verifyWebhook(payload, signature, secret) {
const expected = crypto
.createHmac('sha256', secret)
.update(payload)
.digest('hex');
return crypto.timingSafeEqual(
Buffer.from(signature),
Buffer.from(expected)
);
}`;
const verifyWebhook = runInNewContext(`${VENDOR_PAGE}; verifyWebhook`, {
  require: createRequire(import.meta.url),
  Buffer,
}) as (payload: string, signature: string, secret: string) => boolean;

const BODY =
  '{"id":"evt_abc123","type":"server.started","created_at":"2025-01-15T10:30:00Z","data":{"server_id":"srv_abc123","name":"production-web-01","status":"running","ip":"192.168.1.100"}}';

test('the vendor page’s own function verifies what we sign', () => {
  for (const secret of [
    'your_webhook_secret',
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'größe-☃',
  ]) {
    for (const body of [BODY, '{"name":"größe ☃ 😀"}', '']) {
      assert.equal(verifyWebhook(body, signHexHmac(secret, body), secret), true);
    }
  }
  assert.equal(
    verifyWebhook(`${BODY} `, signHexHmac('your_webhook_secret', BODY), 'your_webhook_secret'),
    false,
  );
});

test('the vectors of RFC 4231 are reproduced, bare and in lower case', () => {
  assert.equal(
    signHexHmac('Jefe', 'what do ya want for nothing?'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
  assert.equal(
    signHexHmac('\u000b'.repeat(20), 'Hi There'),
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  );
});

test('a whsec_ secret is keyed on as shown, not decoded', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const decoded = Buffer.from(secret.slice(6), 'base64');
  assert.notEqual(
    signHexHmac(secret, BODY),
    createHmac('sha256', decoded).update(BODY).digest('hex'),
  );
});

test('verification takes any of the secrets and refuses all else without throwing', () => {
  const signature = signHexHmac('secret-new', BODY);
  const verify = (given: string, secrets: string[], body = BODY) =>
    verifyHexHmac({ signature: given, body, secrets });
  assert.equal(verify(signature, ['secret-new']), true);
  assert.equal(verify(signature, ['secret-old', 'secret-new']), true);
  assert.equal(verify(signature, ['secret-old']), false);
  assert.equal(verify(signature, []), false);
  assert.equal(verify(`sha256=${signature}`, ['secret-new']), false);
  assert.equal(verify('', ['secret-new']), false);
  assert.equal(verify(signature, ['secret-new'], `${BODY}\n`), false);
});
