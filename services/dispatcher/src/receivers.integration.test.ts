import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createSystemResolver } from '@hookline/safe-http';
import {
  type DnsServer,
  eventually,
  http2Codes,
  startDnsServer,
  startReceiver,
  startTcpRelay,
  type TempDir,
  tempDir,
  testOnlyCertificateAuthority,
  testOnlyTls,
  testOnlyTlsExpired,
  testOnlyTlsOfAnotherHost,
  testOnlyTlsSelfSigned,
} from '@hookline/testing';
import type { Outcome } from './domain/delivery.ts';
import { startTestDispatchers, type TestDispatchers } from './test-dispatcher.ts';
import {
  answers,
  answersHttp2,
  answersRaw,
  at,
  closedPort,
  closesAtOnce,
  nobodyAt,
  oldTls,
  type StartReceiver,
  silent,
} from './test-receivers.ts';

let world: TestDispatchers;
let dns: DnsServer;
let folder: TempDir;

before(async () => {
  [world, dns, folder] = await Promise.all([
    startTestDispatchers(),
    startDnsServer(),
    tempDir('ca'),
  ]);
  const caFile = join(folder.path, 'ca.pem');
  await writeFile(caFile, testOnlyCertificateAuthority);
  dns.set('silent.test', { kind: 'silent' });
  dns.set('failing.test', { kind: 'servfail' });
  dns.set('inside.test', { kind: 'addresses', addresses: ['10.0.0.1'] });
  dns.set('mixed.test', { kind: 'addresses', addresses: ['127.0.0.1', '10.0.0.1'] });
  dns.set('elsewhere.test', { kind: 'addresses', addresses: ['127.0.0.1'] });
  const resolve = createSystemResolver({ servers: [dns.address] });
  const env = { HOOKLINE_CA_FILE: caFile };
  await world.startDispatcher({ env, around: { resolve } });
});

after(async () => {
  await world[Symbol.asyncDispose]();
  await dns.stop();
  await folder[Symbol.asyncDispose]();
});

interface Expected {
  readonly outcome: Outcome;
  readonly status?: number;
  readonly error?: RegExp;
  /** Requests that the receiver saw whole. */
  readonly received: number;
}

/** Short, since the receivers of some rows never answer. */
const TIMEOUT_MS = 1_000;

const ok = 'HTTP/1.1 200 OK\r\n';
const gzip = { 'content-encoding': 'gzip', 'content-type': 'text/plain' };
const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
const http = (status: number, outcome: Outcome): [StartReceiver, Expected] => [
  answers(status),
  { outcome, status, received: 1 },
];

const rows: Readonly<Record<string, readonly [receiver: StartReceiver, expected: Expected]>> = {
  // 2xx is success, nothing else is.
  'answers 200': http(200, 'succeeded'),
  'answers 202': http(202, 'succeeded'),
  'answers 204': http(204, 'succeeded'),
  'answers 299': http(299, 'succeeded'),
  'answers 304': http(304, 'redirect'),
  'answers 400': http(400, 'http_error'),
  'answers 401': http(401, 'http_error'),
  'answers 404': http(404, 'http_error'),
  'answers 410': http(410, 'gone'),
  'answers 429': http(429, 'throttled'),
  'answers 500': http(500, 'http_error'),
  'answers 502': http(502, 'http_error'),
  'answers 503': http(503, 'http_error'),
  'answers 504': http(504, 'http_error'),
  'answers 599': http(599, 'http_error'),
  'answers 600': [answers(600), { outcome: 'http_error', status: 600, received: 1 }],
  // Redirects are answers.
  'redirects to itself': [
    answers({ kind: 'redirect', to: '/webhooks' }),
    { outcome: 'redirect', status: 302, error: /not followed/, received: 1 },
  ],
  'redirects inside, keeping the method': [
    answers({ kind: 'redirect', to: 'http://169.254.169.254/latest', status: 307 }),
    { outcome: 'redirect', status: 307, received: 1 },
  ],
  'redirects for good': [
    answers({ kind: 'redirect', to: 'https://example.com/', status: 308 }),
    { outcome: 'redirect', status: 308, received: 1 },
  ],
  // Slow and endless ones.
  'never answers': [answers({ kind: 'hang' }), { outcome: 'timeout', received: 1 }],
  'answers late, in time': [
    answers({ kind: 'respond', status: 200, afterMs: 300 }),
    { outcome: 'succeeded', status: 200, received: 1 },
  ],
  'answers too late': [
    answers({ kind: 'respond', status: 200, afterMs: 60_000 }),
    { outcome: 'timeout', received: 1 },
  ],
  'stops within its body': [
    answers({ kind: 'hang_in_body', status: 200 }),
    { outcome: 'timeout', status: 200, error: /reading the response body/, received: 1 },
  ],
  'drips its headers': [
    answers({ kind: 'drip', part: 'headers', everyMs: 20 }),
    { outcome: 'timeout', error: /waiting for the response/, received: 1 },
  ],
  'drips its body': [
    answers({ kind: 'drip', part: 'body', everyMs: 20 }),
    { outcome: 'timeout', status: 200, received: 1 },
  ],
  'sends headers without end': [
    answers({ kind: 'endless_headers' }),
    { outcome: 'response_too_large', error: /headers/, received: 1 },
  ],
  'sends a body without end': [
    answers({ kind: 'endless_body' }),
    { outcome: 'response_too_large', status: 200, received: 1 },
  ],
  'sends 2 MiB': [
    answers({ kind: 'big_body', bytes: 2 * 1024 * 1024 }),
    { outcome: 'response_too_large', status: 200, received: 1 },
  ],
  'announces 2 MiB': [
    answers({ kind: 'big_body', bytes: 2 * 1024 * 1024, announced: true }),
    { outcome: 'response_too_large', status: 200, received: 1 },
  ],
  'sends 1 MiB': [
    answers({ kind: 'big_body', bytes: 1024 * 1024 }),
    { outcome: 'succeeded', status: 200, received: 1 },
  ],
  'sends a bomb of gzip': [
    answers({ kind: 'respond', status: 200, headers: gzip, body: bomb }),
    { outcome: 'succeeded', status: 200, received: 1 },
  ],
  // Broken connections.
  'resets before its headers': [
    answers({ kind: 'reset', when: 'before_headers' }),
    { outcome: 'connection_failed', received: 1 },
  ],
  'resets within its headers': [
    answers({ kind: 'reset', when: 'in_headers' }),
    { outcome: 'connection_failed', received: 1 },
  ],
  'resets within its body': [
    answers({ kind: 'reset', when: 'in_body' }),
    { outcome: 'connection_failed', received: 1 },
  ],
  'closes without an answer': [
    answers({ kind: 'close', when: 'before_headers' }),
    { outcome: 'connection_failed', received: 1 },
  ],
  'closes within its headers': [
    answers({ kind: 'close', when: 'in_headers' }),
    { outcome: 'connection_failed', received: 1 },
  ],
  'closes within its body': [
    answers({ kind: 'close', when: 'in_body' }),
    { outcome: 'connection_failed', error: /length it announced|without a complete/, received: 1 },
  ],
  'closes before the request': [closesAtOnce, { outcome: 'connection_failed', received: 0 }],
  'is not there': [
    closedPort,
    { outcome: 'connection_failed', error: /refused the connection/, received: 0 },
  ],
  // What is not HTTP.
  'speaks another protocol': [
    answersRaw('SSH-2.0-OpenSSH_9.6\r\n'),
    { outcome: 'connection_failed', error: /not HTTP/, received: 1 },
  ],
  'has a broken chunk': [
    answersRaw(`${ok}transfer-encoding: chunked\r\n\r\nzz\r\n`),
    { outcome: 'connection_failed', received: 1 },
  ],
  'has a length and chunks': [
    answersRaw(`${ok}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`),
    { outcome: 'connection_failed', received: 1 },
  ],
  'has two lengths': [
    answersRaw(`${ok}content-length: 1\r\ncontent-length: 2\r\n\r\nab`),
    { outcome: 'connection_failed', received: 1 },
  ],
  'answers 100 and stops': [
    answersRaw('HTTP/1.1 100 Continue\r\n\r\n'),
    { outcome: 'connection_failed', received: 1 },
  ],
  'answers 103, then 201': [
    answersRaw('HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 201 X\r\ncontent-length: 0\r\n\r\n'),
    { outcome: 'succeeded', status: 201, received: 1 },
  ],
  'answers 103 without end': [
    answersRaw('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100)),
    { outcome: 'connection_failed', received: 1 },
  ],
  'switches protocols': [
    answersRaw('HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    { outcome: 'connection_failed', received: 1 },
  ],
  // TLS.
  'has a good certificate': [
    answers(200, testOnlyTls),
    { outcome: 'succeeded', status: 200, received: 1 },
  ],
  'has an expired certificate': [
    answers(200, testOnlyTlsExpired),
    { outcome: 'tls_failed', error: /has expired/, received: 0 },
  ],
  'has a certificate signed by itself': [
    answers(200, testOnlyTlsSelfSigned),
    { outcome: 'tls_failed', error: /self-signed/, received: 0 },
  ],
  'has the certificate of another host': [
    answers(200, testOnlyTlsOfAnotherHost),
    { outcome: 'tls_failed', error: /another host name/, received: 0 },
  ],
  'has a certificate for another name than that in the URL': [
    at((port) => `https://elsewhere.test:${port}/`, answers(200, testOnlyTls)),
    { outcome: 'tls_failed', error: /another host name/, received: 0 },
  ],
  'speaks an old version of TLS': [oldTls, { outcome: 'tls_failed', received: 0 }],
  'speaks no TLS': [
    at((port) => `https://127.0.0.1:${port}/`, answers(200)),
    { outcome: 'tls_failed', received: 0 },
  ],
  'says nothing in the handshake': [
    silent,
    { outcome: 'timeout', error: /TLS handshake/, received: 0 },
  ],
  // HTTP/2.
  'answers 201 over HTTP/2': [
    answersHttp2(201),
    { outcome: 'succeeded', status: 201, received: 1 },
  ],
  'redirects over HTTP/2': [
    answersHttp2({ kind: 'respond', status: 301, headers: { location: 'https://10.0.0.1/' } }),
    { outcome: 'redirect', status: 301, received: 1 },
  ],
  'never answers over HTTP/2': [
    answersHttp2({ kind: 'hang' }),
    { outcome: 'timeout', received: 1 },
  ],
  'resets the stream': [
    answersHttp2({ kind: 'reset', code: http2Codes.internalError, when: 'before_headers' }),
    { outcome: 'connection_failed', error: /INTERNAL_ERROR/, received: 1 },
  ],
  'resets the stream within its body': [
    answersHttp2({ kind: 'reset', code: http2Codes.cancel, when: 'in_body' }),
    { outcome: 'connection_failed', received: 1 },
  ],
  'ends the session with an error': [
    answersHttp2({ kind: 'goaway', code: http2Codes.internalError }),
    { outcome: 'connection_failed', received: 1 },
  ],
  'closes the connection of HTTP/2': [
    answersHttp2({ kind: 'vanish' }),
    { outcome: 'connection_failed', received: 1 },
  ],
  'sends a body without end over HTTP/2': [
    answersHttp2({ kind: 'endless_body' }),
    { outcome: 'response_too_large', status: 200, received: 1 },
  ],
  // Names.
  'has a name that does not exist': [
    nobodyAt('https://nobody.test/'),
    { outcome: 'dns_failed', error: /nobody\.test/, received: 0 },
  ],
  'has a name whose server fails': [
    nobodyAt('https://failing.test/'),
    { outcome: 'dns_failed', received: 0 },
  ],
  'has a name whose server is silent': [
    nobodyAt('https://silent.test/'),
    { outcome: 'timeout', error: /resolving the name/, received: 0 },
  ],
  'has a name of a private address': [
    nobodyAt('https://inside.test/'),
    { outcome: 'address_refused', error: /private address.*HOOKLINE_ALLOW_SUBNETS/, received: 0 },
  ],
  'has a name of a good and a private address': [
    nobodyAt('https://mixed.test/'),
    { outcome: 'address_refused', received: 0 },
  ],
};

test('P3: whatever a receiver does is one attempt with its outcome on record, and no request more', async (t) => {
  const running = await Promise.all(
    Object.entries(rows).map(async ([what, [start, expected]], index) => {
      const receiver = await start();
      const type = `row.n${index}`;
      const { url } = receiver;
      const { subscriptionId } = await world.subscribe({ url, type, timeoutMs: TIMEOUT_MS });
      return { what, expected, receiver, type, subscriptionId };
    }),
  );
  for (const { type } of running) await world.publish(type);
  for (const { what, expected, receiver, subscriptionId } of running) {
    await t.test(`a receiver that ${what}: ${expected.outcome}`, async () => {
      const [attempt, ...others] = await attemptsOf(subscriptionId);
      assert.deepEqual(
        [attempt?.outcome, attempt?.http_status, others.length, receiver.received()],
        [expected.outcome, expected.status ?? null, 0, expected.received],
        attempt?.error ?? '',
      );
      if (expected.error !== undefined) assert.match(attempt?.error ?? '', expected.error);
      // A policy of one attempt: delivered or given up, and nothing is left waiting.
      const succeeded = expected.outcome === 'succeeded';
      assert.equal(attempt?.delivery_state, succeeded ? 'succeeded' : 'dead');
      assert.ok((attempt?.response_body?.length ?? 0) <= 4 * 1024);
    });
  }
  await Promise.all(running.map(({ receiver }) => receiver.stop()));
});

/** What the header says, and between which seconds after the attempt the next is due. */
const waits: Readonly<Record<string, readonly [header: string, fromS: number, toS: number]>> = {
  'in seconds': ['120', 120, 121],
  'as an HTTP date': [new Date(Date.now() + 600_000).toUTCString(), 500, 601],
  'as the obsolete date of RFC 850': ['Monday, 01-Jan-35 00:00:00 GMT', 86_400, 86_401],
  'sooner than the policy': ['5', 60, 61],
  'in the past': ['Thu, 01 Jan 2015 00:00:00 GMT', 60, 61],
  'beyond a day': ['99999999999', 86_400, 86_401],
  'that is garbage': ['soon', 60, 61],
  'that is negative': ['-5', 60, 61],
  'that is empty': ['', 60, 61],
  'with a fraction': ['1.5', 60, 61],
};

test('Retry-After puts the next attempt off, never forward, by a day at most, and garbage by nothing', async (t) => {
  const running = await Promise.all(
    Object.entries(waits).map(async ([what, [header, fromS, toS]], index) => {
      const status = index % 2 === 0 ? 429 : 503;
      const receiver = await startReceiver({
        respond: { kind: 'respond', status, headers: { 'retry-after': header } },
      });
      const type = `wait.n${index}`;
      const { subscriptionId } = await world.subscribe({
        url: receiver.url,
        type,
        retryPolicy: { delaysMs: [60_000], jitter: 0 },
      });
      return { what, fromS, toS, receiver, type, subscriptionId };
    }),
  );
  for (const { type } of running) await world.publish(type);
  for (const { what, fromS, toS, receiver, subscriptionId } of running) {
    await t.test(`Retry-After ${what}`, async () => {
      const [attempt] = await attemptsOf(subscriptionId);
      assert.ok(attempt?.next_attempt_at);
      const endedAt = attempt.started_at.getTime() + attempt.duration_ms;
      const waitS = (attempt.next_attempt_at.getTime() - endedAt) / 1_000;
      assert.ok(waitS >= fromS - 0.5 && waitS <= toS + 5, `due after ${waitS} s`);
      assert.equal(receiver.received(), 1);
    });
  }
  await Promise.all(running.map(({ receiver }) => receiver.stop()));
});

test('P4: a free connection that its receiver closes just then costs no attempt', async () => {
  const receiver = await startReceiver();
  const type = 'race.closed';
  const { subscriptionId } = await world.subscribe({ url: receiver.url, type });
  for (let count = 1; count <= 10; count += 1) {
    await world.publish(type);
    await receiver.waitFor(count);
    receiver.closeIdle();
  }
  await eventually(
    async () => {
      const attempts = await attemptsOf(subscriptionId);
      assert.deepEqual(
        attempts.map(({ outcome }) => outcome),
        Array.from({ length: 10 }, () => 'succeeded'),
      );
    },
    { timeoutMs: 20_000 },
  );
  await receiver.stop();
});

test('P4: on a half-open connection one attempt times out, and the next has a new one', async () => {
  const receiver = await startReceiver();
  const relay = await startTcpRelay(receiver.port);
  const type = 'half.open';
  const { subscriptionId } = await world.subscribe({
    url: `http://127.0.0.1:${relay.port}/`,
    type,
    timeoutMs: TIMEOUT_MS,
    retryPolicy: { delaysMs: [100], jitter: 0 },
  });
  await world.publish(type);
  assert.equal((await attemptsOf(subscriptionId))[0]?.outcome, 'succeeded');
  relay.freeze();
  await world.publish(type);
  await receiver.waitFor(2, 20_000);
  await eventually(
    async () => {
      const attempts = await attemptsOf(subscriptionId);
      assert.deepEqual(
        attempts.map(({ outcome }) => outcome),
        ['succeeded', 'timeout', 'succeeded'],
      );
    },
    { timeoutMs: 20_000 },
  );
  assert.equal(relay.accepted(), 2);
  await relay.stop();
  await receiver.stop();
});

interface Attempt {
  readonly outcome: Outcome;
  readonly http_status: number | null;
  readonly error: string | null;
  readonly response_body: string | null;
  readonly delivery_state: string;
  readonly started_at: Date;
  readonly duration_ms: number;
  readonly next_attempt_at: Date | null;
}

/** The attempts of a subscription in the order they were made, once there is one. */
function attemptsOf(subscriptionId: string): Promise<readonly Attempt[]> {
  return eventually(
    async () => {
      const { rows: found } = await world.database.pool.query<Attempt>(
        `SELECT outcome, http_status, error, response_body, delivery_state, started_at, duration_ms,
           next_attempt_at
         FROM hookline.attempt_log WHERE subscription_id = $1 ORDER BY started_at`,
        [subscriptionId],
      );
      assert.ok(found.length > 0, 'no attempt is on record');
      return found;
    },
    { timeoutMs: 30_000 },
  );
}
