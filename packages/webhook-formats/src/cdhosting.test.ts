import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyHexHmac } from '@hookline/webhook-signature';
import { cdhosting } from './cdhosting.ts';
import { checkOptions } from './options.ts';
import { sampleEvent, sampleEventBefore, sampleTarget } from './sample-event.ts';

const bodyOf = (change: Parameters<typeof sampleEvent>[0]) =>
  cdhosting.render(sampleEvent(change), sampleTarget())?.body;
const typeOf = (change: Parameters<typeof sampleEvent>[0]) => {
  const body = bodyOf(change);
  return body === undefined ? undefined : (JSON.parse(body) as { type: string }).type;
};
const namesOf = (change: Parameters<typeof sampleEvent>[0]) =>
  cdhosting.filterViews(sampleEvent(change)).map((view) => view.name);
/** The `data` that goes out for what was published. */
const dataOf = (data: string) =>
  /^\{"id":"evt_[^"]+","type":"[^"]+","created_at":"[^"]+","data":(.*)\}$/s.exec(
    bodyOf({ data }) ?? '',
  )?.[1];

test('the body is the one of the vendor’s page, signed in X-Webhook-Signature', () => {
  const rendered = cdhosting.render(sampleEvent({ id: 'evt_abc123' }), sampleTarget());
  const body =
    '{"id":"evt_abc123","type":"server.started","created_at":"2025-01-15T10:30:00Z","data":{"server_id":"srv_abc123","name":"production-web-01","status":"running","ip":"192.168.1.100"}}';
  assert.deepEqual(rendered, {
    body,
    contentType: 'application/json',
    headers: {
      'X-Webhook-Signature': 'b4dbb4b46eabb44473545e164344cd6f19afc532e67a9c8ea1b93d8ddaffc025',
    },
  });
});

test('the signature is keyed on the newest secret, under the name that the option gives', () => {
  const target = sampleTarget({
    secrets: ['secret-new', 'secret-old'],
    options: { signature_header: 'X-CDHosting-Signature' },
  });
  const rendered = cdhosting.render(sampleEvent(), target);
  assert.deepEqual(Object.keys(rendered?.headers ?? {}), ['X-CDHosting-Signature']);
  const signature = rendered?.headers['X-CDHosting-Signature'] ?? '';
  const body = rendered?.body ?? '';
  assert.equal(verifyHexHmac({ signature, body, secrets: ['secret-new'] }), true);
  assert.equal(verifyHexHmac({ signature, body, secrets: ['secret-old'] }), false);
});

test('created_at is UTC in whole seconds, cut and never rounded up', () => {
  const createdAt = (time: string) =>
    (JSON.parse(bodyOf({ time }) ?? '{}') as { created_at: string }).created_at;
  assert.equal(createdAt('2025-01-15T10:30:00.999999Z'), '2025-01-15T10:30:00Z');
  assert.equal(createdAt('2025-01-15T01:15:00.5+02:30'), '2025-01-14T22:45:00Z');
  assert.equal(createdAt('2025-01-15t10:30:00z'), '2025-01-15T10:30:00Z');
  assert.equal(createdAt('2016-12-31T23:59:60Z'), '2025-01-15T10:30:01Z', 'leap second');
});

test('pre is never sent and never seen', () => {
  assert.equal(cdhosting.render(sampleEventBefore(), sampleTarget()), undefined);
  assert.deepEqual(cdhosting.filterViews(sampleEventBefore()), []);
});

test('a failed server event goes out as server.error and is seen as nothing else', () => {
  for (const type of ['server.started', 'server.backup.completed', 'server.error', 'xo.vm.stats']) {
    assert.equal(typeOf({ type, status: 'fail' }), 'server.error');
    assert.deepEqual(cdhosting.filterViews(sampleEvent({ type, status: 'fail' })), [
      { name: 'server.error', phase: 'post' },
    ]);
  }
});

test('another failed event is not sent, for it would read as a success', () => {
  for (const type of ['user.created', 'system.backup.local', 'xo.host.stats', 'servers.x']) {
    assert.equal(typeOf({ type, status: 'fail' }), undefined);
    assert.deepEqual(namesOf({ type, status: 'fail' }), []);
  }
});

test('server.stopped includes server.powered_off', () => {
  assert.equal(typeOf({ type: 'server.powered_off' }), 'server.stopped');
  assert.deepEqual(namesOf({ type: 'server.powered_off' }), [
    'server.stopped',
    'server.powered_off',
  ]);
  assert.deepEqual(namesOf({ type: 'server.stopped' }), ['server.stopped']);
  assert.equal(typeOf({ type: 'server.suspended' }), 'server.suspended');
  assert.equal(typeOf({ type: 'billing.payment.failed' }), 'billing.payment.failed');
  assert.deepEqual(namesOf({ type: 'hookline.ping' }), ['hookline.ping']);
});

test('data goes out without source, every other byte as published', () => {
  const cases: [string, string][] = [
    ['{"a":1,"source":{"b":[1,{"c":"}"}]}}', '{"a":1}'],
    ['{"source":1,"a":1e2}', '{"a":1e2}'],
    ['{"a":1,"source":"x,\\"}","b":1.0}', '{"a":1,"b":1.0}'],
    ['{ "a" : 1 , "source" : null , "b" : 2 }', '{ "a" : 1 , "b" : 2 }'],
    ['{\n  "a": 1,\n  "source": {}\n}', '{\n  "a": 1\n}'],
    ['{"source":1}', '{}'],
    ['{"source":1,"source":2}', '{}'],
    ['{"source":1,"a":1,"source":2,"a":3,"source":4}', '{"a":1,"a":3}'],
    ['{"a":{"source":1},"b":["source"]}', '{"a":{"source":1},"b":["source"]}'],
    ['{"\\u0073ource":1,"a":12345678901234567890}', '{"a":12345678901234567890}'],
    ['{"größe":"☃ 😀","source":1}', '{"größe":"☃ 😀"}'],
  ];
  for (const [published, sent] of cases) assert.equal(dataOf(published), sent, published);
});

test('data without source go out unchanged, whatever they are', () => {
  const texts = [
    'null',
    '{}',
    '{ }',
    '[]',
    '["source"]',
    '"source"',
    '1e2',
    '{\n\t"b":-0,"a":[ ]}\n',
  ];
  for (const data of texts) assert.equal(dataOf(data), data);
});

test('the signature header must be a header name without a meaning of its own', () => {
  const faults = (value: string) => checkOptions(cdhosting, { signature_header: value });
  assert.deepEqual(faults('X-Signature'), []);
  const wrong = [
    '',
    'a b',
    'x:y',
    'ä',
    'x'.repeat(65),
    'a\r\nb',
    'Content-Length',
    'webhook-signature',
    'HOST',
  ];
  for (const value of wrong) {
    assert.equal(faults(value)[0]?.field, 'options.signature_header', value);
  }
  assert.match(checkOptions(cdhosting, { nonsense: '1' })[0]?.detail ?? '', /signature_header/);
});
