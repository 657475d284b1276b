import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Behaviour, eventually, type Receiver, startReceiver } from '@hookline/testing';
import {
  createSafeHttpClient,
  type HttpOutcome,
  type HttpRequest,
  parseAllowSubnets,
  type SafeHttpClient,
} from './index.ts';

const loopback = parseAllowSubnets('127.0.0.0/8');
assert.ok(loopback.ok);
const policy = { allowSubnets: loopback.subnets, allowHttp: false };

let receiver: Receiver;
let client: SafeHttpClient;

before(async () => {
  receiver = await startReceiver();
  client = createSafeHttpClient({ policy });
});

after(async () => {
  await client.close();
  assert.deepEqual(client.stats(), { requests: 0, origins: 0, idle: 0 });
  await receiver.stop();
});

function send(more: Partial<HttpRequest> = {}): Promise<HttpOutcome> {
  return client.send({
    url: receiver.url,
    method: 'POST',
    headers: {},
    body: '{}',
    timeoutMs: 5_000,
    ...more,
  });
}

test('method, path with query, header case and order, and body bytes arrive as given', async () => {
  const body = Buffer.from('{"b":1.0,"a":"\\u0000é","b":2}', 'utf8');
  const headers = { 'X-VirtFusion-Event': 'a', 'webhook-ID': 'dlv_1', 'X-webhook-Signature': 'x=' };
  const before = receiver.received();
  const outcome = await send({ url: `${receiver.url}/a%20b?x=1&y=%2F#part`, headers, body });
  assert.equal(outcome.kind, 'response');
  const request = (await receiver.waitFor(before + 1)).at(-1);
  assert.ok(request);
  assert.equal(request.method, 'POST');
  assert.equal(request.path, '/webhooks/a%20b?x=1&y=%2F');
  assert.deepEqual(request.body, body);
  const sent = request.rawHeaders.filter((_, at) => at % 2 === 0);
  assert.deepEqual(sent, ['host', 'connection', ...Object.keys(headers), 'content-length']);
  assert.equal(request.headers['content-length'], String(body.length));
  assert.equal(request.headers.host, `127.0.0.1:${receiver.port}`);
});

test('a response is answered with status, headers, body, address and duration', async () => {
  receiver.respondWith({
    kind: 'respond',
    status: 503,
    headers: { 'Retry-After': '7' },
    body: 'no',
  });
  const outcome = await send();
  assert.ok(outcome.kind === 'response');
  assert.equal(outcome.status, 503);
  assert.equal(outcome.headers['retry-after'], '7');
  assert.equal(Buffer.from(outcome.bodyExcerpt).toString(), 'no');
  assert.equal(outcome.bodyTruncated, false);
  assert.equal(outcome.remoteAddress, '127.0.0.1');
  assert.ok(outcome.durationMs > 0 && outcome.durationMs < 5_000);
});

test('every method works, with and without a body', async () => {
  receiver.respondWith(200);
  for (const method of ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'PUT'] as const) {
    const { url } = receiver;
    const outcome = await client.send({ url, method, headers: {}, timeoutMs: 5_000 });
    assert.equal(outcome.kind, 'response', method);
    assert.equal(receiver.requests.at(-1)?.method, method);
  }
});

test('a redirect is an answer and is not followed, wherever it leads (P6)', async () => {
  const other = await startReceiver();
  for (const status of [301, 302, 303, 307, 308]) {
    for (const to of [other.url, 'http://169.254.169.254/', '//10.0.0.1/', 'file:///etc/passwd']) {
      receiver.respondWith({ kind: 'redirect', to, status });
      const outcome = await send();
      assert.ok(outcome.kind === 'response');
      assert.equal(outcome.status, status);
      assert.equal(outcome.headers.location, to);
    }
  }
  assert.equal(other.connections().accepted, 0);
  await other.stop();
});

test('of a body the first 2 KiB are kept, and the connection serves the next request', async () => {
  const { accepted } = receiver.connections();
  for (const announced of [false, true]) {
    receiver.respondWith({ kind: 'big_body', bytes: 300_000, status: 500, announced });
    const outcome = await send();
    assert.ok(outcome.kind === 'response');
    assert.equal(outcome.status, 500);
    assert.equal(outcome.bodyExcerpt.length, 2048);
    assert.equal(outcome.bodyTruncated, true);
  }
  assert.ok(receiver.connections().accepted <= accepted + 1);
});

test('a body over its bound is response_too_large, with what came of it', async () => {
  for (const announced of [false, true]) {
    receiver.respondWith({ kind: 'big_body', bytes: 2 * 1024 * 1024, announced });
    const outcome = await send();
    assert.ok(outcome.kind === 'response_too_large', JSON.stringify(outcome));
    assert.equal(outcome.response?.status, 200);
    assert.ok(announced || outcome.response?.bodyExcerpt.length === 2048);
  }
});

test('a body of exactly the bound is a response', async () => {
  receiver.respondWith({ kind: 'big_body', bytes: 1000 });
  assert.equal((await send({ responseBytesMax: 1000 })).kind, 'response');
  assert.equal((await send({ responseBytesMax: 999 })).kind, 'response_too_large');
});

test('an endless body and endless headers end at their bounds', async () => {
  receiver.respondWith({ kind: 'endless_body' });
  assert.equal((await send()).kind, 'response_too_large');
  receiver.respondWith({ kind: 'endless_headers' });
  const outcome = await send();
  assert.ok(outcome.kind === 'response_too_large', JSON.stringify(outcome));
  assert.equal(outcome.response, undefined);
});

test('a connection broken at any point is one connection_failed, marked as sent', async () => {
  for (const kind of ['reset', 'close'] as const) {
    for (const when of ['before_headers', 'in_headers', 'in_body'] as const) {
      receiver.respondWith({ kind, when });
      const before = receiver.received();
      const outcome = await send();
      assert.ok(outcome.kind === 'connection_failed', JSON.stringify(outcome));
      assert.equal(outcome.requestSent, true);
      assert.equal(receiver.received(), before + 1, 'it was sent once');
    }
  }
});

const malformed: Readonly<Record<string, string>> = {
  'not HTTP': 'SSH-2.0-OpenSSH_9.6\r\n',
  'HTTP/0.9': 'hello\r\n\r\n',
  'HTTP/2 preface': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'bad status': 'HTTP/1.1 abc OK\r\n\r\n',
  'length and chunks': 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
  'two lengths': 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
  'negative length': 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n',
  'bad chunk size': 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
  'bad header': 'HTTP/1.1 200 OK\r\nno colon here\r\n\r\n',
  'unasked upgrade': 'HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
  'unasked continue': 'HTTP/1.1 100 Continue\r\n\r\n',
  'endless announcements': 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100),
};

for (const [what, bytes] of Object.entries(malformed)) {
  test(`a malformed answer is one connection_failed: ${what}`, async () => {
    receiver.respondWith({ kind: 'raw', bytes });
    const outcome = await send();
    assert.ok(outcome.kind === 'connection_failed', JSON.stringify(outcome));
    assert.match(outcome.code, /^(malformed|incomplete)_response$/);
  });
}

test('an answer announced by 103 is the answer', async () => {
  const bytes =
    'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 201 Made\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok';
  receiver.respondWith({ kind: 'raw', bytes });
  const outcome = await send();
  assert.ok(outcome.kind === 'response', JSON.stringify(outcome));
  assert.equal(outcome.status, 201);
});

test('a second answer on the same connection is never taken for the next request', async () => {
  const answer = (status: number) => `HTTP/1.1 ${status} X\r\ncontent-length: 0\r\n\r\n`;
  receiver.respondWith([{ kind: 'raw', bytes: answer(200) + answer(410) }, 204]);
  const first = await send();
  assert.ok(first.kind === 'response' && first.status === 200, JSON.stringify(first));
  const second = await send();
  assert.ok(second.kind === 'response' && second.status === 204, JSON.stringify(second));
});

test('a port where nobody listens is connection_failed and was not sent', async () => {
  const gone = await startReceiver();
  await gone.stop();
  const outcome = await send({ url: gone.url });
  assert.ok(outcome.kind === 'connection_failed');
  assert.equal(outcome.code, 'ECONNREFUSED');
  assert.equal(outcome.requestSent, false);
  assert.match(outcome.error, /127\.0\.0\.1 port \d+ refused the connection/);
});

test('headers of the client and header injection are refused, and the client goes on', async () => {
  receiver.respondWith(200);
  const before = receiver.received();
  for (const headers of [
    { Host: 'inner.example' },
    { 'Content-Length': '1' },
    { 'transfer-encoding': 'chunked' },
    { 'X-A': 'a\r\nX-B: b' },
    { 'X A': 'a' },
    { 'X-Ok': 'fine', 'X-Ok-Too': 'ä€' },
  ]) {
    const outcome = await send({ headers: headers as unknown as Record<string, string> });
    assert.ok(outcome.kind === 'refused', JSON.stringify(outcome));
    assert.equal(outcome.code, 'request_invalid');
  }
  // A name known to be good is not looked at again; undici still refuses its value.
  await send({ headers: { 'X-Known': 'good' } });
  const smuggled = await send({ headers: { 'X-Known': 'bad\r\nX: y' } });
  assert.equal(smuggled.kind, 'refused', JSON.stringify(smuggled));
  assert.equal((await send()).kind, 'response');
  assert.equal(receiver.received(), before + 2);
});

test('no connection stays behind a request that failed', async () => {
  for (const behaviour of [{ kind: 'endless_body' }, { kind: 'endless_headers' }] as const) {
    receiver.respondWith(behaviour);
    await Promise.all(Array.from({ length: 20 }, () => send()));
  }
  await eventually(() => assert.equal(receiver.connections().open, client.stats().idle));
  assert.equal(client.stats().requests, 0);
});

test('whatever receivers do at once, each request has one outcome and nothing is left open', async () => {
  const behaviours: readonly Behaviour[] = [
    200,
    { kind: 'respond', status: 200, headers: { connection: 'close' }, body: 'x' },
    { kind: 'hang' },
    { kind: 'hang_in_body' },
    { kind: 'endless_headers' },
    { kind: 'drip', part: 'body', everyMs: 5 },
    { kind: 'big_body', bytes: 2_000_000 },
    { kind: 'reset', when: 'in_headers' },
    { kind: 'close', when: 'in_body' },
    { kind: 'raw', bytes: 'no\r\n\r\n' },
  ];
  let next = 0;
  receiver.respondWith(() => behaviours[next++ % behaviours.length] ?? 200);
  const small = createSafeHttpClient({ policy, connectionsPerOriginMax: 32, idleMs: 50 });
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, (_, at) => {
      const { url } = receiver;
      const signal = at % 10 === 0 ? { signal: AbortSignal.timeout(at) } : {};
      const request = { url, method: 'POST', headers: {}, body: 'x'.repeat(at * 500) } as const;
      return small.send({ ...request, timeoutMs: 2_000 + at * 2, ...signal });
    }),
  );
  const kinds = new Set(outcomes.map((outcome) => outcome.kind));
  for (const kind of ['response', 'timeout', 'connection_failed', 'response_too_large']) {
    assert.ok(kinds.has(kind as HttpOutcome['kind']), `no ${kind} among ${[...kinds]}`);
  }
  await eventually(() => assert.deepEqual(small.stats(), { requests: 0, origins: 0, idle: 0 }));
  await small.close();
});
