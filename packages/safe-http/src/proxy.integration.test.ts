import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Http2Receiver,
  type ProxyAnswer,
  type Receiver,
  startHttp2Receiver,
  startReceiver,
  startTestProxy,
  type TestProxy,
  testOnlyCertificateAuthority,
  testOnlyTls,
} from '@hookline/testing';
import {
  createSafeHttpClient,
  type HttpOutcome,
  parseAllowSubnets,
  parseProxy,
  type SafeHttpClient,
} from './index.ts';

/** Public addresses that the name stands for; nobody is there, the proxy's tunnels end elsewhere. */
const publicAddresses = ['93.184.216.34', '2606:4700:4700::1111'];

let secure: Http2Receiver;
let plain: Receiver;
let proxy: TestProxy;
let client: SafeHttpClient;

before(async () => {
  secure = await startHttp2Receiver({ tls: testOnlyTls });
  plain = await startReceiver();
  proxy = await startTestProxy({ answer: { kind: 'hang' } });
  client = open(proxy.url.replace('//', '//user:p%40ss@'));
});

after(async () => {
  await client.close();
  await Promise.all([secure, plain, proxy].map((each) => each.stop()));
});

function open(url: string): SafeHttpClient {
  const parsed = parseProxy(url);
  const loopback = parseAllowSubnets('127.0.0.0/8');
  assert.ok(parsed && loopback.ok);
  return createSafeHttpClient({
    policy: { allowSubnets: loopback.subnets, allowHttp: true },
    ca: testOnlyCertificateAuthority,
    resolve: async (host) =>
      host === 'receiver.test' ? publicAddresses.slice(0, 1) : ['10.0.0.1'],
    proxy: parsed,
  });
}

function post(url: string, timeoutMs = 10_000): Promise<HttpOutcome> {
  return client.send({ url, method: 'POST', headers: {}, body: '{}', timeoutMs });
}

test('https goes through a tunnel to the judged address, verified for the name, HTTP/2 within (P6)', async () => {
  const before = proxy.requests.length;
  proxy.answerWith({ kind: 'tunnel', port: secure.port });
  const outcome = await post('https://receiver.test/a?b=1');
  assert.ok(outcome.kind === 'response', JSON.stringify(outcome));
  assert.equal(outcome.remoteAddress, '93.184.216.34');
  assert.deepEqual(proxy.requests.slice(before), [
    {
      to: '93.184.216.34:443',
      authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
    },
  ]);
  const [request] = secure.requests;
  assert.deepEqual([request?.authority, request?.path], ['receiver.test', '/a?b=1']);
  assert.equal(request?.headers['proxy-authorization'], undefined);
});

test('plain http goes through a tunnel as well, and a name and an IPv6 address likewise', async () => {
  const before = proxy.requests.length;
  proxy.answerWith({ kind: 'tunnel', port: plain.port });
  for (const host of ['receiver.test:8080', '[2606:4700:4700::1111]:8080']) {
    const outcome = await post(`http://${host}/`);
    assert.ok(outcome.kind === 'response', JSON.stringify(outcome));
    assert.equal(plain.requests.at(-1)?.headers.host, host);
  }
  assert.deepEqual(
    proxy.requests.slice(before).map(({ to }) => to),
    ['93.184.216.34:8080', '[2606:4700:4700::1111]:8080'],
  );
});

test('a tunnel that ends at another host is tls_failed, and nothing is sent', async () => {
  proxy.answerWith({ kind: 'tunnel', port: secure.port });
  const before = secure.requests.length;
  const outcome = await post(`https://${publicAddresses[0]}/`);
  assert.ok(outcome.kind === 'tls_failed', JSON.stringify(outcome));
  assert.equal(secure.requests.length, before);
});

test('a network opened by the operator is reached from here: the proxy is never told of it (P6)', async () => {
  const before = proxy.accepted();
  proxy.answerWith({ kind: 'tunnel', port: plain.port });
  for (const host of ['127.0.0.1', '[::ffff:127.0.0.1]']) {
    assert.equal((await post(`http://${host}:${plain.port}/`)).kind, 'response');
  }
  const refused = await post('https://inner.test/');
  assert.ok(refused.kind === 'refused', JSON.stringify(refused));
  assert.equal(proxy.accepted(), before);
});

const failures: Readonly<Record<string, readonly [ProxyAnswer, code: string, error: RegExp]>> = {
  refuses: [{ kind: 'status', status: 403 }, 'proxy_refused', /answered 403/],
  'wants other credentials': [
    { kind: 'status', status: 407 },
    'proxy_refused',
    /answered 407: .*HOOKLINE_HTTP_PROXY/,
  ],
  'reaches nobody': [{ kind: 'status', status: 502 }, 'proxy_refused', /answered 502/],
  'closes the connection': [{ kind: 'close' }, 'proxy_failed', /closed the connection/],
  'is none': [{ kind: 'raw', bytes: 'SSH-2.0-x\r\n\r\n' }, 'proxy_failed', /does not speak HTTP/],
  'talks without end': [
    { kind: 'raw', bytes: `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(20_000)}` },
    'proxy_failed',
    /does not speak HTTP/,
  ],
};

for (const [what, [answer, code, error]] of Object.entries(failures)) {
  test(`a proxy that ${what} is connection_failed, unsent, and its address is not told`, async () => {
    proxy.answerWith(answer);
    const outcome = await post('https://receiver.test:8443/');
    assert.ok(outcome.kind === 'connection_failed', JSON.stringify(outcome));
    assert.deepEqual([outcome.code, outcome.requestSent], [code, false]);
    assert.match(outcome.error, error);
    assert.match(
      outcome.error,
      /^receiver\.test port 8443 could not be reached: the forward proxy/,
    );
    assert.doesNotMatch(outcome.error, /127\.0\.0\.1|93\.184|user:|ss@/);
  });
}

test('the deadline covers a proxy that never answers', async () => {
  proxy.answerWith({ kind: 'hang' });
  const outcome = await post('https://receiver.test:8444/', 150);
  assert.ok(outcome.kind === 'timeout' && outcome.phase === 'connect', JSON.stringify(outcome));
  assert.equal(outcome.requestSent, false);
});

test('a proxy that is not there is connection_failed; one over TLS is verified like a receiver', async () => {
  const over = await startTestProxy({
    tls: testOnlyTls,
    answer: { kind: 'tunnel', port: secure.port },
  });
  const request = { url: 'https://receiver.test/', method: 'POST', headers: {} } as const;
  const through = open(over.url);
  assert.equal((await through.send({ ...request, timeoutMs: 10_000 })).kind, 'response');
  await through.close();
  await over.stop();
  for (const url of [over.url, `https://127.0.0.1:${plain.port}`]) {
    const lost = open(url);
    const outcome = await lost.send({ ...request, timeoutMs: 10_000 });
    assert.ok(outcome.kind === 'connection_failed', JSON.stringify(outcome));
    assert.equal(outcome.code, 'proxy_failed');
    await lost.close();
  }
});
