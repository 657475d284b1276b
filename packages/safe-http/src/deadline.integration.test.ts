import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { eventually, type Receiver, startReceiver, startSilentReceiver } from '@hookline/testing';
import {
  createSafeHttpClient,
  type HttpOutcome,
  parseAllowSubnets,
  type SafeHttpClient,
  type SafeHttpOptions,
} from './index.ts';

const loopback = parseAllowSubnets('127.0.0.0/8');
assert.ok(loopback.ok);
const policy = { allowSubnets: loopback.subnets, allowHttp: false };

let receiver: Receiver;

before(async () => {
  receiver = await startReceiver();
});

after(() => receiver.stop());

function open(options: Partial<SafeHttpOptions> = {}): SafeHttpClient {
  return createSafeHttpClient({ policy, ...options });
}

function post(client: SafeHttpClient, url: string, timeoutMs: number): Promise<HttpOutcome> {
  return client.send({ url, method: 'POST', headers: {}, body: '{}', timeoutMs });
}

/** The deadline holds: not earlier, and not later than a busy machine explains. */
function assertTimeout(outcome: HttpOutcome, phase: string, timeoutMs: number): void {
  assert.ok(outcome.kind === 'timeout', JSON.stringify(outcome));
  assert.equal(outcome.phase, phase);
  assert.ok(outcome.durationMs >= timeoutMs - 2, `too early: ${outcome.durationMs}`);
  assert.ok(outcome.durationMs < timeoutMs + 1_000, `too late: ${outcome.durationMs}`);
}

test('the deadline covers DNS', async () => {
  const client = open({ resolve: () => new Promise(() => {}) });
  const outcome = await post(client, 'https://slow.example/', 100);
  assertTimeout(outcome, 'dns', 100);
  assert.deepEqual(client.stats(), { requests: 0, origins: 0, idle: 0 });
  await client.close();
});

test('the deadline covers connecting, and the sockets being connected are closed', async () => {
  const sockets: Socket[] = [];
  const client = open({
    connect: () => {
      const socket = new Socket();
      sockets.push(socket);
      return socket;
    },
  });
  assertTimeout(await post(client, receiver.url, 100), 'connect', 100);
  assert.equal(sockets.length, 1);
  assert.ok(sockets.every((socket) => socket.destroyed));
  assert.deepEqual(client.stats(), { requests: 0, origins: 0, idle: 0 });
  await client.close();
});

test('the deadline covers the TLS handshake', async () => {
  const silent = await startSilentReceiver();
  const client = open();
  const outcome = await post(client, `https://127.0.0.1:${silent.port}/`, 150);
  assertTimeout(outcome, 'tls', 150);
  assert.equal(silent.connections().accepted, 1);
  await eventually(() => assert.equal(silent.connections().open, 0));
  await client.close();
  await silent.stop();
});

test('the deadline covers waiting for the response', async () => {
  const client = open();
  receiver.respondWith({ kind: 'hang' });
  assertTimeout(await post(client, receiver.url, 100), 'headers', 100);
  receiver.respondWith({ kind: 'drip', part: 'headers', everyMs: 10 });
  assertTimeout(await post(client, receiver.url, 100), 'headers', 100);
  await eventually(() => assert.equal(receiver.connections().open, 0));
  await client.close();
});

test('the deadline covers the body, and what came of the response is told', async () => {
  const client = open();
  for (const behaviour of [
    { kind: 'hang_in_body', status: 202, body: 'begun' },
    { kind: 'drip', part: 'body', everyMs: 10 },
  ] as const) {
    receiver.respondWith(behaviour);
    const outcome = await post(client, receiver.url, 150);
    assertTimeout(outcome, 'body', 150);
    assert.ok(outcome.kind === 'timeout');
    assert.equal(outcome.requestSent, true);
    assert.equal(outcome.response?.bodyTruncated, true);
    assert.ok((outcome.response?.bodyExcerpt.length ?? 0) > 0);
  }
  await eventually(() => assert.equal(receiver.connections().open, 0));
  await client.close();
});

test('the deadline covers waiting for a connection; the next in line is not harmed', async () => {
  const client = open({ connectionsPerOriginMax: 1 });
  receiver.respondWith([{ kind: 'respond', status: 200, afterMs: 300 }, 204]);
  const before = receiver.received();
  const first = post(client, receiver.url, 5_000);
  await receiver.waitFor(before + 1);
  const second = post(client, receiver.url, 100);
  const third = post(client, receiver.url, 5_000);
  assertTimeout(await second, 'queue', 100);
  assert.equal((await first).kind, 'response');
  const last = await third;
  assert.ok(last.kind === 'response' && last.status === 204, JSON.stringify(last));
  assert.equal(receiver.received(), before + 2, 'the second was never sent');
  await client.close();
});

test('a connection that is not made in time fails the oldest request within its deadline', async () => {
  const client = open({ resolve: () => new Promise(() => {}), dialTimeoutMs: 100 });
  assertTimeout(await post(client, 'https://slow.example/', 30_000), 'dns', 100);
  await client.close();
});

test('a signal cancels in every phase', async () => {
  const client = open();
  const request = { url: receiver.url, method: 'POST', headers: {}, timeoutMs: 5_000 } as const;
  const aborted = await client.send({ ...request, signal: AbortSignal.abort() });
  assert.ok(aborted.kind === 'cancelled' && !aborted.requestSent);

  receiver.respondWith({ kind: 'hang' });
  const before = receiver.received();
  const during = new AbortController();
  const sent = client.send({ ...request, signal: during.signal });
  await receiver.waitFor(before + 1);
  during.abort();
  const outcome = await sent;
  assert.ok(outcome.kind === 'cancelled' && outcome.requestSent, JSON.stringify(outcome));

  const early = new AbortController();
  const waiting = client.send({ ...request, signal: early.signal });
  early.abort();
  const never = await waiting;
  assert.ok(never.kind === 'cancelled' && !never.requestSent, JSON.stringify(never));
  await eventually(() => assert.equal(receiver.connections().open, 0));
  assert.equal(receiver.received(), before + 1);
  await client.close();
});
