import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AcceptedEvent } from '@hookline/contracts';
import type { IndexedSubscription } from '@hookline/subscriptions';
import { formatNames, getFormat } from '@hookline/webhook-formats';
import type { Delivery } from './domain/delivery.ts';
import { renderRequest } from './render-request.ts';

const traceparent = '00-da9a915d6fa04a1c6533b201a227985d-a412174d812a78b0-01';
const options = { number: 2, nowMs: 1_736_937_001_500, userAgent: 'Hookline/1', traceparent };

const event: AcceptedEvent = {
  id: 'evt_01jhm3k0gcf0fr2q3n3zt4c6x7',
  tenant: 'default',
  position: 42n,
  source: '/hosts/node-1',
  type: 'server.started',
  time: '2025-01-15T10:30:00Z',
  recordedAt: new Date('2025-01-15T10:30:01.500Z'),
  subject: 'srv_1',
  phase: 'post',
  status: 'success',
  sequence: 7n,
  extensions: { traceparent: '00-da9a915d6fa04a1c6533b201a227985d-1111111111111111-01' },
  data: '{"server_id":"srv_1"}',
};

function deliveryTo(given: Partial<IndexedSubscription>): Delivery {
  const subscription: IndexedSubscription = {
    id: 'sub_01jhm3k0gcf0fr2q3n3zt4c6x7',
    tenant: 'default',
    state: 'active',
    url: 'https://receiver.example.com/',
    description: '',
    filter: { types: ['*'], statuses: [], phases: [], subjects: [], attributes: [] },
    format: 'standard',
    options: {},
    secrets: ['a secret of the receiver'],
    signingKeys: [],
    headers: { 'X-Own': 'yes' },
    auth: undefined,
    retryPolicy: { delaysMs: [], jitter: 0, attemptsMax: 1 } as never,
    timeoutMs: 15_000,
    ordering: 'none',
    notificationEmails: [],
    hookNumber: 1,
    epoch: 1,
    matchesFromEpoch: 1,
    tenantSettings: {
      controlDomain: 'cp.example.com',
      controlName: '',
      controlSupportLink: '',
      contacts: [],
    },
    createdAt: new Date(0),
    updatedAt: new Date(0),
    ...given,
  };
  const id = 'dlv_01jhm3k0gcf0fr2q3n3zt4c6x7';
  return {
    id,
    entry: { event } as Delivery['entry'],
    subscription,
    attemptsCount: 1,
    attemptNumber: 1,
  };
}

const OPTIONS: Readonly<Record<string, Record<string, string>>> = {
  telegram: { chat_id: '-1001234567890' },
  pushover: { user: 'u'.repeat(30) },
};

function sent(given: Partial<IndexedSubscription>) {
  const rendered = renderRequest(deliveryTo(given), options);
  assert.ok(rendered);
  return rendered;
}
const namesOf = (headers: Readonly<Record<string, string>>) =>
  Object.keys(headers).map((name) => name.toLowerCase());

test('a receiver that is a program gets id, signature, trace and position with every request', () => {
  const { headers } = sent({});
  assert.equal(headers['webhook-id'], 'dlv_01jhm3k0gcf0fr2q3n3zt4c6x7');
  assert.equal(headers['webhook-timestamp'], '1736937001');
  assert.match(headers['webhook-signature'] ?? '', /^v1,/);
  assert.equal(headers.traceparent, traceparent);
  assert.equal(headers['hookline-attempt'], '2');
  assert.equal(headers['X-Own'], 'yes');
});

test('with the option traceparent: off no trace is told, in whatever form', () => {
  for (const format of ['standard', 'cloudevents', 'cloudevents-binary']) {
    const on = sent({ format });
    const off = sent({ format, options: { traceparent: 'off' } });
    const told = (request: typeof on) => JSON.stringify([request.headers, request.body]);
    assert.match(told(on), /da9a915d6fa04a1c6533b201a227985d/, format);
    assert.doesNotMatch(told(off), /traceparent|da9a915d6fa04a1c6533b201a227985d/, format);
    assert.doesNotMatch(told(on), /baggage/i, format);
  }
});

test('P5 a chat service gets the subscriber’s headers and credential, and none of ours', () => {
  const auth = { kind: 'bearer', token: 'app-token', base64: false } as const;
  let services = 0;
  for (const format of formatNames) {
    if (getFormat(format)?.audience !== 'people') continue;
    services += 1;
    const { headers, body } = sent({ format, options: OPTIONS[format] ?? {}, auth });
    const names = namesOf(headers);
    const ours = names.filter((name) => /^(webhook|hookline)-|^traceparent$/.test(name));
    assert.deepEqual(ours, [], format);
    for (const kept of ['content-type', 'user-agent', 'x-own']) assert.ok(names.includes(kept));
    const inBody = getFormat(format)?.credential === 'body';
    assert.equal(names.includes('authorization'), !inBody, format);
    assert.equal(String(body).includes('app-token'), inBody, format);
  }
  assert.ok(services >= 4, `${services} chat services`);
});

test('a token that belongs into the body is sent there alone', () => {
  const auth = { kind: 'bearer', token: 'app-token', base64: false } as const;
  const { headers, body } = sent({ format: 'pushover', options: OPTIONS.pushover ?? {}, auth });
  assert.equal(JSON.parse(String(body)).token, 'app-token');
  assert.ok(!JSON.stringify(headers).includes('app-token'));
});
