import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import {
  eventually,
  type Http2Behaviour,
  type Http2Receiver,
  type Http2ReceiverOptions,
  http2Codes,
  startHttp2Receiver,
  startTcpRelay,
  testOnlyCertificateAuthority,
  testOnlyTls,
} from '@hookline/testing';
import {
  createSafeHttpClient,
  type HttpOutcome,
  type HttpRequest,
  parseAllowSubnets,
  type SafeHttpClient,
  type SafeHttpOptions,
} from './index.ts';

const loopback = parseAllowSubnets('127.0.0.0/8');
assert.ok(loopback.ok);
const policy = { allowSubnets: loopback.subnets, allowHttp: false };

interface World {
  readonly receiver: Http2Receiver;
  readonly client: SafeHttpClient;
  post(path?: string, more?: Partial<HttpRequest>): Promise<HttpOutcome>;
}

const cleanUp = new AsyncDisposableStack();
after(() => cleanUp.disposeAsync());

/** A receiver and a client of its own; both end with the file. */
async function open(
  options: Partial<SafeHttpOptions> = {},
  given: Partial<Http2ReceiverOptions> = {},
): Promise<World> {
  const receiver = await startHttp2Receiver({ tls: testOnlyTls, ...given });
  const client = createSafeHttpClient({ policy, ca: testOnlyCertificateAuthority, ...options });
  cleanUp.defer(async () => {
    await client.close({ graceMs: 0 });
    await receiver.stop();
  });
  return {
    receiver,
    client,
    post: (path = '/webhooks', more = {}) =>
      client.send({
        url: `https://127.0.0.1:${receiver.port}${path}`,
        method: 'POST',
        headers: {},
        body: '{}',
        timeoutMs: 20_000,
        ...more,
      }),
  };
}

/** Requests below /ill are treated so, all others are answered 200. */
const ill = (behaviour: Http2Behaviour) => ({
  respond: ({ path }: { readonly path: string }) => (path === '/ill' ? behaviour : 200),
});

function assertResponse(outcome: HttpOutcome, status = 200): void {
  assert.ok(outcome.kind === 'response', JSON.stringify(outcome));
  assert.equal(outcome.status, status);
}

test('requests to all endpoints of one origin share one HTTP/2 connection', async () => {
  const { receiver, client, post } = await open();
  const paths = Array.from({ length: 20 }, (_, at) => `/endpoints/${at}`);
  for (const path of paths) assertResponse(await post(path));
  for (const outcome of await Promise.all(paths.map((path) => post(path)))) assertResponse(outcome);
  assert.equal(receiver.requests.length, 40);
  assert.equal(receiver.connections().accepted, 1);
  await eventually(() => assert.deepEqual(client.stats(), { requests: 0, origins: 1, idle: 1 }));
});

test('method, path with query, headers and body bytes arrive as given, names in lower case', async () => {
  const { receiver, post } = await open(
    {},
    {
      respond: () => ({
        kind: 'respond',
        status: 503,
        headers: { 'retry-after': '7', 'set-cookie': 'a=b' },
        body: 'no',
      }),
    },
  );
  const headers = { 'X-Signature': 'v1,é', 'content-type': 'application/json' };
  const outcome = await post('/a%20b?x=1#part', {
    headers,
    body: '{"b":1.0,"ä":2}',
    method: 'PUT',
  });
  const [request] = receiver.requests;
  assert.deepEqual(
    [request?.method, request?.path, request?.authority, request?.body],
    ['PUT', '/a%20b?x=1', `127.0.0.1:${receiver.port}`, '{"b":1.0,"ä":2}'],
  );
  assert.deepEqual(Object.fromEntries(Object.entries(request?.headers ?? {})), {
    ':scheme': 'https',
    'x-signature': 'v1,é',
    'content-type': 'application/json',
    'content-length': '16',
  });
  assert.ok(outcome.kind === 'response');
  assert.equal(outcome.headers['retry-after'], '7');
  assert.deepEqual(
    Object.keys(outcome.headers).filter((name) => name.startsWith(':')),
    [],
  );
  assert.equal(Buffer.from(outcome.bodyExcerpt).toString(), 'no');
  assert.equal(outcome.remoteAddress, '127.0.0.1');
});

test('header injection is refused over HTTP/2 as well, and the connection goes on', async () => {
  const { receiver, post } = await open();
  assertResponse(await post('/', { headers: { 'X-Known': 'good' } }));
  const smuggled = await post('/', { headers: { 'X-Known': 'bad\r\nX: y' } });
  assert.ok(smuggled.kind === 'refused' && smuggled.code === 'request_invalid');
  const forbidden = await post('/', { headers: { 'http2-settings': 'x' } });
  assert.ok(forbidden.kind === 'refused', JSON.stringify(forbidden));
  assertResponse(await post());
  assert.equal(receiver.requests.length, 2);
  assert.equal(receiver.connections().accepted, 1);
});

test('a burst to a new origin needs a handful of connections, and then one', async () => {
  const { receiver, post } = await open();
  for (const outcome of await Promise.all(Array.from({ length: 64 }, () => post()))) {
    assertResponse(outcome);
  }
  assert.ok(receiver.connections().accepted <= 4, `${receiver.connections().accepted} connections`);
});

test('a receiver gets no more requests at once on a connection than it takes, nor more in all than allowed', async () => {
  let running = 0;
  let most = 0;
  const { receiver, post } = await open(
    { connectionsPerOriginMax: 6 },
    { streamsMax: 2, respond: () => ({ kind: 'hang' }) },
  );
  receiver.respondWith(() => {
    running += 1;
    most = Math.max(most, running);
    setImmediate(() => {
      running = 0;
      receiver.release(200);
    });
    return { kind: 'hang' };
  });
  const outcomes = await Promise.all(Array.from({ length: 30 }, () => post()));
  for (const outcome of outcomes) assertResponse(outcome);
  assert.equal(receiver.requests.length, 30);
  assert.ok(most <= 6, `${most} at once`);
  assert.ok(receiver.connections().accepted <= 6);
});

test('P4: a request that hangs holds up no other, and its deadline ends its stream alone', async () => {
  const { receiver, post } = await open({}, ill({ kind: 'hang' }));
  assertResponse(await post());
  const hung = post('/ill', { timeoutMs: 300 });
  await receiver.waitFor(2);
  for (let at = 0; at < 5; at += 1) assertResponse(await post());
  const outcome = await hung;
  assert.ok(outcome.kind === 'timeout' && outcome.phase === 'headers' && outcome.requestSent);
  assertResponse(await post());
  assert.equal(receiver.connections().accepted, 1);
});

const resets: Readonly<Record<string, readonly [behaviour: Http2Behaviour, code: string]>> = {
  'reset before the answer': [
    { kind: 'reset', code: http2Codes.internalError, when: 'before_headers' },
    'stream_reset',
  ],
  'reset within the body': [
    { kind: 'reset', code: http2Codes.internalError, when: 'in_body' },
    'stream_reset',
  ],
  cancelled: [{ kind: 'reset', code: http2Codes.cancel, when: 'before_headers' }, 'closed'],
  'ended without an answer': [
    { kind: 'reset', code: http2Codes.noError, when: 'before_headers' },
    'closed',
  ],
  'asked to calm down': [
    { kind: 'reset', code: http2Codes.enhanceYourCalm, when: 'before_headers' },
    'stream_reset',
  ],
};

for (const [what, [behaviour, code]] of Object.entries(resets)) {
  test(`P4: a stream that is ${what} fails its request alone, marked as sent`, async () => {
    const { receiver, post } = await open({}, ill({ kind: 'hang' }));
    assertResponse(await post());
    receiver.respondWith(({ path }) => (path === '/ill' ? behaviour : { kind: 'hang' }));
    const others = Array.from({ length: 5 }, () => post());
    await receiver.waitFor(6);
    const outcome = await post('/ill');
    assert.ok(outcome.kind === 'connection_failed', JSON.stringify(outcome));
    assert.equal(outcome.code, code);
    assert.equal(outcome.requestSent, true);
    receiver.release(204);
    for (const other of await Promise.all(others)) assertResponse(other, 204);
    assert.equal(receiver.connections().accepted, 1);
  });
}

test('P2: a refused stream is sent again; one that is always refused failed unsent', async () => {
  const refusal = {
    kind: 'reset',
    code: http2Codes.refusedStream,
    when: 'before_headers',
  } as const;
  const { receiver, post } = await open({}, { respond: () => refusal });
  const outcome = await post();
  assert.ok(outcome.kind === 'connection_failed', JSON.stringify(outcome));
  assert.deepEqual([outcome.code, outcome.requestSent], ['refused_stream', false]);
  assert.equal(receiver.requests.length, 4);
  let refusals = 0;
  receiver.respondWith(() => {
    refusals += 1;
    return refusals < 3 ? refusal : 202;
  });
  assertResponse(await post(), 202);
});

test('P2: what a receiver that goes away has not looked at is sent again elsewhere; what it has goes on', async () => {
  const { receiver, post } = await open({}, { respond: () => ({ kind: 'hang' }) });
  const first = post('/first');
  await receiver.waitFor(1);
  receiver.respondWith(({ session, streamId }) =>
    session === 1 ? { kind: 'goaway', code: http2Codes.noError, lastStreamId: streamId - 2 } : 201,
  );
  assertResponse(await post('/second'), 201);
  assert.deepEqual(
    receiver.requests.map(({ path, session }) => [path, session]),
    [
      ['/first', 1],
      ['/second', 1],
      ['/second', 2],
    ],
  );
  receiver.release(204);
  assertResponse(await first, 204);
  assertResponse(await post(), 201);
  await eventually(() => assert.equal(receiver.connections().open, 1));
});

const ends: Readonly<Record<string, Http2Behaviour>> = {
  'closes the connection': { kind: 'vanish' },
  'ends the session with an error': { kind: 'goaway', code: http2Codes.internalError },
};

for (const [what, behaviour] of Object.entries(ends)) {
  test(`P3: when a receiver ${what} each request on it failed once, marked as sent, and the next has a new one`, async () => {
    const { receiver, post } = await open({}, { respond: () => ({ kind: 'hang' }) });
    const others = Array.from({ length: 5 }, () => post());
    await receiver.waitFor(5);
    const { accepted } = receiver.connections();
    assert.equal(accepted <= 4, true);
    receiver.respondWith(() => behaviour);
    const session = receiver.requests.at(-1)?.session;
    const last = await post();
    assert.ok(last.kind === 'connection_failed' && last.requestSent, JSON.stringify(last));
    receiver.respondWith(() => 200);
    assertResponse(await post());
    receiver.release(200);
    const kinds = (await Promise.all(others)).map((outcome) =>
      outcome.kind === 'connection_failed' ? outcome.requestSent : outcome.kind,
    );
    const onLost = receiver.requests.slice(0, 5).filter((request) => request.session === session);
    assert.equal(kinds.filter((kind) => kind === true).length, onLost.length);
    assert.equal(receiver.requests.length, 7, 'nothing was sent twice');
  });
}

test('a body without end and headers without measure end at their bounds, and harm no other', async () => {
  const { receiver, post } = await open({}, ill({ kind: 'endless_body' }));
  const large = await post('/ill');
  assert.ok(large.kind === 'response_too_large', JSON.stringify(large));
  assert.equal(large.response?.bodyExcerpt.length, 2_048);
  receiver.respondWith(({ path }) =>
    path === '/ill'
      ? { kind: 'respond', status: 200, headers: { 'x-large': 'x'.repeat(30_000) } }
      : 200,
  );
  const headers = await post('/ill');
  assert.ok(headers.kind === 'response_too_large', JSON.stringify(headers));
  assert.equal(headers.response, undefined);
  assertResponse(await post());
  assert.equal(receiver.connections().accepted, 1);
});

test('the deadline covers the body of a stream, and what came of it is told', async () => {
  const { receiver, post } = await open();
  // So that none of the time goes into the handshake.
  assertResponse(await post());
  receiver.respondWith(() => ({ kind: 'hang_in_body' }));
  const outcome = await post('/', { timeoutMs: 500 });
  assert.ok(outcome.kind === 'timeout' && outcome.phase === 'body', JSON.stringify(outcome));
  assert.equal(Buffer.from(outcome.response?.bodyExcerpt ?? []).toString(), 'begun');
});

test('an answer that was announced is the answer; announcements without end are none', async () => {
  const { receiver, post } = await open();
  receiver.respondWith(() => ({ kind: 'respond', status: 201, announcements: 3, body: 'ok' }));
  assertResponse(await post(), 201);
  receiver.respondWith(() => ({ kind: 'respond', status: 201, announcements: 40 }));
  const outcome = await post();
  assert.ok(outcome.kind === 'connection_failed', JSON.stringify(outcome));
  assert.equal(outcome.code, 'malformed_response');
});

test('P4: after a request timed out on a connection that says nothing, no other is sent there', async () => {
  const { receiver, client, post } = await open({}, ill({ kind: 'hang' }));
  const relay = await startTcpRelay(receiver.port);
  const url = `https://127.0.0.1:${relay.port}/`;
  assertResponse(await post('/', { url }));
  relay.freeze();
  assert.equal((await post('/', { url, timeoutMs: 200 })).kind, 'timeout');
  assertResponse(await post('/', { url }));
  assert.equal(relay.accepted(), 2);
  // A receiver that is merely slow answers the question, and keeps its connection.
  receiver.respondWith(({ path }) => (path === '/ill' ? { kind: 'hang' } : 200));
  assert.equal((await post('/ill', { timeoutMs: 200 })).kind, 'timeout');
  await eventually(async () => {
    assertResponse(await post());
    assert.equal(receiver.requests.at(-1)?.session, 3);
  });
  await client.close();
  await relay.stop();
});

test('a receiver that wants HTTP/1.1 for a request gets it over HTTP/1.1', async () => {
  const { receiver, post } = await open(
    {},
    {
      allowHttp1: true,
      respond: () => ({ kind: 'reset', code: http2Codes.http11Required, when: 'before_headers' }),
    },
  );
  assertResponse(await post());
  assert.equal(receiver.requests.at(-1)?.session, 0);
  assertResponse(await post());
  assert.equal(receiver.requests.length, 3);
});

test('a server that agrees on HTTP/2 and speaks something else is connection_failed, unsent', async () => {
  for (const bytes of ['HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', '\0'.repeat(100), '']) {
    const server = createTlsServer({ ...testOnlyTls, ALPNProtocols: ['h2'] }, (socket) => {
      socket.on('error', () => socket.destroy());
      socket.resume();
      socket.end(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const client = createSafeHttpClient({ policy, ca: testOnlyCertificateAuthority });
    const url = `https://127.0.0.1:${port}/`;
    const outcome = await client.send({ url, method: 'POST', headers: {}, timeoutMs: 10_000 });
    assert.ok(outcome.kind === 'connection_failed', JSON.stringify(outcome));
    assert.equal(outcome.requestSent, false);
    await client.close();
    await new Promise((resolve) => server.close(resolve));
  }
});

test('a connection that carries nothing is closed after its idle time, an old one when it is free', async () => {
  const { receiver, client, post } = await open({ idleMs: 100 });
  assertResponse(await post());
  await eventually(() => {
    assert.deepEqual(client.stats(), { requests: 0, origins: 0, idle: 0 });
    assert.equal(receiver.connections().open, 0);
  });
  const old = await open({ connectionAgeMsMax: 0 });
  for (let at = 0; at < 3; at += 1) assertResponse(await old.post());
  assert.equal(old.receiver.connections().accepted, 3);
});

test('close lets streams under way finish, cancels the rest after its grace, and leaves nothing open', async () => {
  const { receiver, client, post } = await open({}, { respond: () => ({ kind: 'hang' }) });
  const sent = [post('/a'), post('/b')];
  await receiver.waitFor(2);
  const closed = client.close({ graceMs: 100 });
  assert.equal((await post()).kind, 'cancelled');
  await closed;
  for (const outcome of await Promise.all(sent)) {
    assert.ok(outcome.kind === 'cancelled' && outcome.requestSent, JSON.stringify(outcome));
  }
  await eventually(() => assert.equal(receiver.connections().open, 0));
  const other = await open({}, { respond: () => ({ kind: 'hang' }) });
  const last = other.post();
  await other.receiver.waitFor(1);
  const done = other.client.close();
  other.receiver.release(200);
  assertResponse(await last);
  await done;
  await eventually(() => assert.equal(other.receiver.connections().open, 0));
});

test('whatever a receiver does at once, each request has one outcome and nothing is left open', async () => {
  const behaviours: readonly Http2Behaviour[] = [
    200,
    { kind: 'respond', status: 200, body: 'x' },
    { kind: 'hang' },
    { kind: 'hang_in_body' },
    { kind: 'endless_body' },
    { kind: 'reset', code: http2Codes.internalError, when: 'in_body' },
    { kind: 'reset', code: http2Codes.refusedStream, when: 'before_headers' },
    { kind: 'goaway', code: http2Codes.noError },
    200,
    { kind: 'vanish' },
  ];
  let next = 0;
  const { receiver, client, post } = await open(
    { connectionsPerOriginMax: 32, idleMs: 50 },
    { streamsMax: 7, respond: () => behaviours[next++ % behaviours.length] ?? 200 },
  );
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, (_, at) => {
      const signal = at % 10 === 0 ? { signal: AbortSignal.timeout(at) } : {};
      return post(`/${at}`, { body: 'x'.repeat(at * 500), timeoutMs: 2_000 + at * 2, ...signal });
    }),
  );
  // Which others there are is a matter of speed: one connection that ends ends all its streams.
  const kinds = new Set(outcomes.map((outcome) => outcome.kind));
  assert.ok(kinds.has('response') && kinds.size > 1, [...kinds].join());
  await eventually(
    () => {
      assert.deepEqual(client.stats(), { requests: 0, origins: 0, idle: 0 });
      assert.equal(receiver.connections().open, 0);
    },
    { timeoutMs: 15_000 },
  );
});
