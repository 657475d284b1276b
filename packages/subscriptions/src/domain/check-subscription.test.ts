import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAllowSubnets } from '@hookline/safe-http';
import { checkSubscription, refuseFaults, type SubscriptionRequest } from './check-subscription.ts';
import type { AttributeExpression } from './filter.ts';

const policy = { allowSubnets: [], allowHttp: false };
const url = 'https://receiver.example.com/hooks?a=1';
const filter = { types: ['server.started'] };

function faultsOf(request: Partial<SubscriptionRequest>) {
  const checked = checkSubscription({ url, filter, ...request }, policy);
  return checked.kind === 'faulty' ? checked.faults : [];
}

function assertFault(request: Partial<SubscriptionRequest>, field: string, detail: RegExp) {
  const faults = faultsOf(request);
  assert.deepEqual(
    faults.map((fault) => fault.field),
    [field],
  );
  assert.match(faults[0]?.detail ?? '', detail);
}

test('what is left out takes its default', () => {
  const checked = checkSubscription({ url, filter: { types: ['server.*', 'server.*'] } }, policy);
  assert.deepEqual(checked, {
    kind: 'sound',
    settings: {
      url,
      description: '',
      filter: { types: ['server.*'], statuses: [], phases: [], subjects: [], attributes: [] },
      format: 'standard',
      options: {},
      headers: {},
      retryPolicy: { preset: 'standard' },
      timeoutMs: 15_000,
      ordering: 'none',
      notificationEmails: [],
    },
    warnings: [],
  });
});

test('URLs keep the rules of outgoing requests (P6)', () => {
  for (const bad of [
    '',
    'nonsense',
    'ftp://example.com/',
    'https://u:p@example.com/',
    'http://example.com/',
    'https://10.0.0.1/',
    'https://localhost/',
    'https://[::ffff:127.0.0.1]/',
    'https://2130706433/',
  ]) {
    assertFault({ url: bad }, 'url', /./);
  }
  const allowed = parseAllowSubnets('127.0.0.0/8');
  assert.ok(allowed.ok);
  const local = { allowSubnets: allowed.subnets, allowHttp: false };
  assert.equal(checkSubscription({ url: 'http://127.0.0.1:8088/', filter }, local).kind, 'sound');
});

test('filters are checked type by type, with the rule in the fault', () => {
  assertFault({ filter: { types: [] } }, 'filter.types', /at least one/);
  assertFault({ filter: { types: ['server.>'] } }, 'filter.types[0]', /no wildcard here/);
  assertFault({ filter: { types: ['*', 'Server.Started'] } }, 'filter.types[1]', /server\.started/);
  assertFault(
    { filter: { types: Array.from({ length: 101 }, (_, n) => `a.b${n}`) } },
    'filter.types',
    /at most 100/,
  );
  assertFault(
    { filter: { ...filter, phases: ['pre'] }, format: 'cdhosting' },
    'filter.phases',
    /leave phases empty/,
  );
  assertFault(
    { filter: { ...filter, statuses: ['any' as 'fail'] } },
    'filter.statuses[0]',
    /success or fail/,
  );
  assertFault({ filter: { ...filter, subjects: [''] } }, 'filter.subjects[0]', /empty/);
  assert.deepEqual(faultsOf({ filter: { types: ['7', 'catch.all'] }, format: 'virtfusion' }), []);
  assert.deepEqual(
    faultsOf({ filter: { types: ['vm.recoveryStart'] }, format: 'xen-orchestra' }),
    [],
  );
});

test('expressions are bounded in depth, number and names', () => {
  const attributesFault = (expression: AttributeExpression, field: string, detail: RegExp) =>
    assertFault(
      { filter: { ...filter, attributes: [expression] } },
      `filter.attributes[0]${field}`,
      detail,
    );
  const exact = { exact: { subject: 'srv_1' } };
  const nested = { not: { not: { not: { not: exact } } } };
  assert.deepEqual(faultsOf({ filter: { ...filter, attributes: [nested] } }), []);
  attributesFault({ not: nested }, '.not.not.not.not.not', /at most 5 deep/);
  attributesFault({ all: [] }, '.all', /1 to 20/);
  attributesFault({ exact: {} }, '.exact', /names no attribute/);
  attributesFault({ exact: { 'Not A Name': 'x' } }, '.exact', /no attribute/);
  attributesFault({ prefix: { subject: '' } }, '.prefix.subject', /empty/);
  attributesFault({} as AttributeExpression, '', /exactly one of/);
  const twenty = { all: Array.from({ length: 20 }, () => exact) };
  const many = Array.from({ length: 6 }, () => twenty);
  assertFault({ filter: { ...filter, attributes: many } }, 'filter.attributes', /at most 100/);
});

test('formats and their options are known by name', () => {
  assertFault({ format: 'soap' }, 'format', /standard, cdhosting/);
  assertFault({ options: { nope: '1' } }, 'options.nope', /it has signing/);
  assertFault({ format: 'cdhosting', options: { nope: '1' } }, 'options.nope', /signature_header/);
  assert.deepEqual(faultsOf({ format: 'cdhosting', options: { signature_header: 'X-Sig' } }), []);
});

test('secrets have 8 to 256 printable characters; a short one is warned of and accepted', () => {
  assertFault({ secret: 'short' }, 'secret', /8 to 256/);
  assertFault({ secret: 'line\nbreak-in-it' }, 'secret', /printable/);
  const checked = checkSubscription({ url, filter, secret: 'your_webhook_secret' }, policy);
  assert.ok(checked.kind === 'sound' && checked.secret === 'your_webhook_secret');
  assert.match(checked.warnings[0]?.detail ?? '', /24 or more/);
});

test('headers that Hookline or HTTP sets are refused, and credentials are sent to auth', () => {
  for (const name of [
    'Host',
    'Content-Type',
    'webhook-id',
    'Hookline-Anything',
    'traceparent',
    'X-VirtFusion-Hook',
    'user-agent',
    'Transfer-Encoding',
    'bad name',
  ]) {
    assertFault({ headers: { [name]: 'x' } }, `headers.${name}`, /./);
  }
  assertFault(
    { headers: { Authorization: 'Bearer x' } },
    'headers.Authorization',
    /belongs in auth/,
  );
  assertFault({ headers: { 'X-A': '1', 'x-a': '2' } }, 'headers.x-a', /twice/);
  assertFault({ headers: { 'X-A': 'x'.repeat(1_025) } }, 'headers.X-A', /at most 1024/);
  const many = Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`X-${n}`, '']));
  assertFault({ headers: many }, 'headers', /at most 20/);
});

test('credentials are checked without being repeated', () => {
  assertFault({ auth: { kind: 'bearer', token: '', base64: false } }, 'auth.bearer.token', /empty/);
  assertFault(
    { auth: { kind: 'basic', username: 'a:b', password: '' } },
    'auth.basic.username',
    /colon/,
  );
  assertFault(
    { auth: { kind: 'header', name: 'Host', value: 'x' } },
    'auth.header.name',
    /another name/,
  );
  const secret = 'tok\u0000en-123';
  const faults = faultsOf({ auth: { kind: 'header', name: 'X-Api-Key', value: secret } });
  assert.ok(faults.length === 1 && !JSON.stringify(faults).includes('en-123'));
});

test('bounds of timeout, rate, ordering, addresses and description', () => {
  assertFault({ timeoutMs: 999 }, 'timeout', /1 s to 30 s/);
  assertFault({ timeoutMs: 30_001 }, 'timeout', /1 s to 30 s/);
  for (const requestsPerSecond of [0, -1, 0.009, 10_001, Number.NaN, Number.POSITIVE_INFINITY]) {
    const field = 'rate_limit.requests_per_second';
    assertFault({ rateLimit: { requestsPerSecond } }, field, /0\.01 to 10000/);
  }
  for (const burst of [0, -1, 1.5, 10_001]) {
    const rateLimit = { requestsPerSecond: 1, burst };
    assertFault({ rateLimit }, 'rate_limit.burst', /1 to 10000/);
  }
  for (const requestsPerSecond of [0.01, 10_000]) {
    assert.deepEqual(faultsOf({ rateLimit: { requestsPerSecond, burst: 10_000 } }), []);
  }
  assertFault({ ordering: 'sorted' as 'none' }, 'ordering', /none/);
  assert.deepEqual(faultsOf({ ordering: 'per_server', options: { on_exhausted: 'block' } }), []);
  assertFault({ options: { on_exhausted: 'wait' } }, 'options.on_exhausted', /"block"/);
  assertFault({ notificationEmails: ['nobody'] }, 'notification_emails[0]', /ops@example\.com/);
  assertFault({ notificationEmails: ['a@b\r\nBcc: c@d'] }, 'notification_emails[0]', /e-mail/);
  assertFault({ description: 'x'.repeat(501) }, 'description', /at most 500/);
  assert.deepEqual(faultsOf({ description: 'two\nlines' }), []);
});

test('every fault is reported together, with the prefix of the API', () => {
  const faults = faultsOf({ url: '', filter: { types: [] }, timeoutMs: 0 });
  const refusal = refuseFaults(faults, 'subscription.');
  assert.deepEqual(
    refusal.fields.map(({ field }) => field),
    ['subscription.url', 'subscription.filter.types', 'subscription.timeout'],
  );
  assert.match(refusal.message, /^subscription\.url: .* \(and 2 more\)$/);
});

test('a chat service is refused at an address of its own that takes no messages, or without its token', () => {
  const options = { user: 'u'.repeat(30) };
  const auth = { kind: 'bearer', token: 'app-token', base64: false } as const;
  const pushover = { format: 'pushover', url: 'https://api.pushover.net/1/messages.json', options };
  assert.deepEqual(faultsOf({ ...pushover, auth }), []);
  assertFault(pushover, 'auth', /auth\.bearer\.token/);
  assertFault(
    { ...pushover, auth: { kind: 'header', name: 'X-Key', value: 'k' } },
    'auth',
    /bearer/,
  );
  const elsewhere = 'https://api.pushover.net/2/other';
  assertFault({ ...pushover, auth, url: elsewhere }, 'url', /api\.pushover\.net/);
});
