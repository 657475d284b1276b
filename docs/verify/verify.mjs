/** Verifies a webhook of Hookline. Node 18 or newer, no package. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { argv, env, stdin } from 'node:process';
import { buffer } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const TOLERANCE_SECONDS = 300;

/** whsec_<base64> is decoded; any other secret is its UTF-8 bytes. */
function keyOf(secret) {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  return encoded === undefined ? Buffer.from(secret) : Buffer.from(encoded, 'base64');
}

function isSame(one, other) {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Standard Webhooks v1. `headers` by lower-case name, `body` the bytes as they came. */
export function verifyStandard(secret, headers, body) {
  const id = headers['webhook-id'] ?? '';
  const timestamp = headers['webhook-timestamp'] ?? '';
  if (id === '' || id.includes('.') || !/^[0-9]{1,12}$/.test(timestamp)) return false;
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const hmac = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.`).update(body);
  const expected = `v1,${hmac.digest('base64')}`;
  const given = (headers['webhook-signature'] ?? '').split(' ');
  return given.some((signature) => isSame(signature, expected));
}

/** X-Webhook-Signature of format cdhosting; the key are the secret's characters as shown. */
export function verifyHex(secret, signature, body) {
  return isSame(signature, createHmac('sha256', secret).update(body).digest('hex'));
}

async function main([kind, ...given]) {
  const [secret, body] = [env.WEBHOOK_SECRET ?? '', await buffer(stdin)];
  if (kind === 'hex') return verifyHex(secret, given[0] ?? '', body);
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
  const headers = Object.fromEntries(names.map((name, index) => [name, given[index] ?? '']));
  return verifyStandard(secret, headers, body);
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  const isGood = await main(argv.slice(2));
  process.stdout.write(isGood ? 'good\n' : 'bad\n');
  process.exitCode = isGood ? 0 : 1;
}
