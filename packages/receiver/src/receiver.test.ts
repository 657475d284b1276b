import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { generateSecret } from '@hookline/webhook-signature';
import { SECRET, type SendOptions, sentWebhook } from './fixtures.ts';
import { createReceiver, verifyWebhook, type WebhookRequest } from './receiver.ts';
import type { ReceiverOptions } from './receiver-options.ts';
import { WebhookError } from './webhook-error.ts';

const NOW_MS = Date.parse('2025-01-15T10:30:02Z');
const clock = { now: () => NOW_MS };

/** A webhook that was signed at the receiver's own time. */
const sent = (options: SendOptions = {}) => sentWebhook({ nowMs: NOW_MS, ...options });

/** The code a request is refused with, or `verified`. */
function outcome(request: WebhookRequest, options: Partial<ReceiverOptions> = {}): string {
  const secret = options.secrets === undefined ? { secret: SECRET } : {};
  const verdict = createReceiver({ ...clock, ...secret, ...options }).verify(request);
  return verdict.kind === 'verified' ? 'verified' : verdict.error.code;
}

test('what Hookline signs is verified and told apart, with every id it carries', () => {
  const request = sent({ attempt: 3 });
  const webhook = verifyWebhook(request, { ...clock, secret: SECRET });
  assert.deepEqual(webhook, {
    id: 'dlv_01jhm3k0gcf0fr2q3n3zt4c6x7',
    event: {
      id: 'evt_01jhm3k0gcf0fr2q3n3zt4c6x7',
      known: true,
      type: 'server.started',
      time: '2025-01-15T10:30:00Z',
      subject: 'srv_abc123',
      sequence: '00000000000000000007',
      phase: 'post',
      status: 'success',
      data: {
        server_id: 'srv_abc123',
        name: 'production-web-01',
        status: 'running',
        ip: '192.168.1.100',
      },
    },
    text: request.body,
    signedAt: new Date(NOW_MS),
    attempt: 3,
    eventId: 'evt_01jhm3k0gcf0fr2q3n3zt4c6x7',
    subscriptionId: 'sub_01jhm3k0gcf0fr2q3n3zt4c6x7',
    sequence: '00000000000000000007',
    traceparent: '00-da9a915d6fa04a1c6533b201a227985d-a412174d812a78b0-00',
  });
});

test('the body may be text or bytes, and headers of any shape a server gives', () => {
  const { headers, body } = sent();
  const bytes = Buffer.from(body);
  for (const each of [body, bytes, new Uint8Array(bytes), new Uint8Array(bytes).buffer]) {
    assert.equal(outcome({ headers, body: each }), 'verified');
  }
  const upperCase = Object.entries(headers).map(([name, value]): [string, string] => [
    name.toUpperCase(),
    value,
  ]);
  const asLists = Object.fromEntries(upperCase.map(([name, value]) => [name, [value]]));
  for (const each of [new Headers(headers), upperCase, upperCase.flat(), asLists]) {
    assert.equal(outcome({ headers: each, body }), 'verified');
  }
});

test('a changed byte of body, id or timestamp is refused, and another secret as well', () => {
  const { headers, body } = sent();
  const changes: WebhookRequest[] = [
    { headers, body: body.replace('running', 'stopped') },
    { headers, body: `${body} ` },
    { headers: { ...headers, 'webhook-id': 'dlv_other' }, body },
    { headers: { ...headers, 'webhook-timestamp': String(NOW_MS / 1000 - 1) }, body },
    { headers: { ...headers, 'webhook-signature': 'v1,AAAA v1 v2,x nonsense' }, body },
    sent({ secrets: ['another_webhook_secret'] }),
  ];
  for (const request of changes) assert.equal(outcome(request), 'signature_mismatch');
});

test('any of several secrets may have signed, and any of several signatures may fit', () => {
  const [older, newer] = [generateSecret(), generateSecret()];
  assert.equal(outcome(sent({ secrets: [older] }), { secrets: [newer, older] }), 'verified');
  assert.equal(outcome(sent({ secrets: [newer, older] }), { secrets: [older] }), 'verified');
  assert.equal(outcome(sent({ secrets: [older] }), { secrets: [newer] }), 'signature_mismatch');
});

test('a timestamp is good up to the tolerance, either way, and not beyond', () => {
  const at = (offsetMs: number, toleranceMs?: number) =>
    outcome(sent({ nowMs: NOW_MS + offsetMs }), toleranceMs === undefined ? {} : { toleranceMs });
  assert.equal(at(-300_000), 'verified');
  assert.equal(at(-301_000), 'timestamp_too_old');
  assert.equal(at(300_000), 'verified');
  assert.equal(at(301_000), 'timestamp_too_new');
  assert.equal(at(-11_000, 10_000), 'timestamp_too_old');
  assert.equal(at(-600_000, 600_000), 'verified');
});

test('a header that is missing, empty, doubled or unreadable is named', () => {
  const { headers, body } = sent();
  const without = (name: string) => ({ headers: { ...headers, [name]: undefined }, body });
  for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
    assert.equal(outcome(without(name)), 'missing_header');
    assert.equal(outcome({ headers: { ...headers, [name]: '' }, body }), 'missing_header');
  }
  const withHeader = (name: string, value: string | string[]) =>
    outcome({ headers: { ...headers, [name]: value }, body });
  assert.equal(withHeader('webhook-timestamp', '1e9'), 'invalid_header');
  assert.equal(withHeader('webhook-id', 'dlv_1.2'), 'invalid_header');
  assert.equal(withHeader('webhook-id', ['dlv_1', 'dlv_2']), 'invalid_header');
  assert.throws(
    () => verifyWebhook(without('webhook-id'), { secret: SECRET }),
    (error) =>
      error instanceof WebhookError && error.status === 401 && /webhook-id/.test(error.message),
  );
});

test('signatures in several headers, or joined by a comma, are each looked at', () => {
  const { headers, body } = sent();
  const good = headers['webhook-signature'] as string;
  const withSignature = (value: string | string[]) =>
    outcome({ headers: { ...headers, 'webhook-signature': value }, body });
  assert.equal(withSignature(['v1,AAAA', good]), 'verified');
  assert.equal(withSignature(`v1,AAAA, ${good}`), 'verified');
  assert.equal(withSignature(`${good},${good}`), 'signature_mismatch');
  const many = `${'v1,AAAA '.repeat(16)}${good}`;
  assert.equal(withSignature(many), 'signature_mismatch', 'the number looked at is bounded');
});

test('v1a signatures are verified with the public key, which is never taken for a secret', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const secret = `whpk_${raw.toString('base64')}`;
  const { headers, body } = sent();
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const signature = sign(null, Buffer.from(content), privateKey).toString('base64');
  const signed = { ...headers, 'webhook-signature': `v1,AAAA v1a,${signature}` };
  assert.equal(outcome({ headers: signed, body }, { secret }), 'verified');
  assert.equal(outcome({ headers: signed, body: `${body} ` }, { secret }), 'signature_mismatch');
  assert.equal(outcome({ headers: signed, body }), 'signature_mismatch');
  const forged = sent({ secrets: [secret] });
  assert.equal(outcome(forged, { secret }), 'signature_mismatch');
  assert.equal(
    outcome({ headers: signed, body }, { secrets: [SECRET, secret] }),
    'verified',
    'during the change from one to the other both are known',
  );
});

test('a body that is parsed already, no JSON, no UTF-8 or of another format is told apart', () => {
  const parsed = { ...sent(), body: JSON.parse(sent().body) as string };
  assert.equal(outcome(parsed), 'body_not_raw');
  const unchecked = { proofs: ['bearer'], bearerToken: 'token' } as const;
  const code = (body: string | Uint8Array) =>
    outcome({ headers: { authorization: 'Bearer token' }, body }, unchecked);
  assert.equal(code('{"type":'), 'body_not_json');
  assert.equal(code(Buffer.from([0x7b, 0xff, 0x7d])), 'body_not_json');
  assert.equal(code('[]'), 'body_unexpected');
  assert.equal(code('{"type":"server.started"}'), 'body_unexpected');
  assert.equal(outcome(sent({ format: 'virtfusion' })), 'body_unexpected');
});

test('nothing of a body is read before its signature is good', () => {
  const { headers } = sent();
  assert.equal(outcome({ headers, body: '{"type":' }), 'signature_mismatch');
});

test('options that would refuse everything, or nothing, are refused at the start', () => {
  const faults: [ReceiverOptions, RegExp][] = [
    [{}, /no secret/],
    [{ secret: '' }, /no secret/],
    [{ secret: undefined } as unknown as ReceiverOptions, /no secret/],
    [{ secrets: [] }, /no secret/],
    [{ secrets: [SECRET, ''] }, /secret 2 is empty/],
    [{ secret: `${SECRET}\n` }, /trim it/],
    [{ secret: SECRET, secrets: [SECRET] }, /both/],
    [{ secret: 'whsk_AAAA' }, /private key/],
    [{ secret: 'whpk_AAAA' }, /32 bytes/],
    [{ secret: SECRET, toleranceMs: Number.NaN }, /toleranceMs/],
    [{ secret: SECRET, toleranceMs: Number.POSITIVE_INFINITY }, /toleranceMs/],
    [{ secret: SECRET, proofs: [] }, /proofs/],
    [{ secret: SECRET, proofs: ['hmac' as 'hex-hmac'] }, /proofs/],
    [{ secret: SECRET, format: 'slack' as 'standard' }, /format/],
    [{ secret: SECRET, bearerToken: '' }, /bearerToken/],
    [{ secret: SECRET, bearerToken: undefined } as unknown as ReceiverOptions, /bearerToken/],
    [{ secret: `whpk_${Buffer.alloc(32).toString('base64')}`, proofs: ['hex-hmac'] }, /hex HMAC/],
  ];
  for (const [options, fault] of faults) {
    assert.throws(() => createReceiver(options), fault, JSON.stringify(options));
  }
});
