import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type DnsAnswer,
  type DnsServer,
  type Receiver,
  startDnsServer,
  startReceiver,
  startTestProxy,
  type TestProxy,
} from '@hookline/testing';
import {
  createSafeHttpClient,
  createSystemResolver,
  type HttpOutcome,
  parseAllowSubnets,
  parseProxy,
  type SafeHttpClient,
} from './index.ts';

/**
 * A real name server is asked. 127.0.0.2 is opened and stands for a public receiver; `inner`
 * listens on 127.0.0.1 at the same port, and nothing may reach it. With the proxy, what is public
 * leads to the receiver.
 */
let dns: DnsServer;
let receiver: Receiver;
let inner: Receiver;
let proxy: TestProxy;
let direct: SafeHttpClient;
let proxied: SafeHttpClient;

before(async () => {
  dns = await startDnsServer();
  receiver = await startReceiver({
    host: '127.0.0.2',
    respond: { kind: 'respond', status: 200, headers: { connection: 'close' } },
  });
  inner = await startReceiver({ port: receiver.port });
  proxy = await startTestProxy({ answer: { kind: 'tunnel', port: inner.port } });
  const opened = parseAllowSubnets('127.0.0.2/32');
  const through = parseProxy(proxy.url);
  assert.ok(opened.ok && through);
  const options = {
    policy: { allowSubnets: opened.subnets, allowHttp: true },
    resolve: createSystemResolver({ servers: [dns.address], keptMs: 0 }),
  };
  direct = createSafeHttpClient(options);
  proxied = createSafeHttpClient({ ...options, proxy: through });
});

after(async () => {
  await Promise.all([direct, proxied].map((client) => client.close()));
  assert.equal(inner.connections().accepted, 0, 'something reached the inner receiver');
  assert.equal(proxy.accepted(), 0, 'the proxy was asked for something');
  await Promise.all([receiver, inner, proxy, dns].map((each) => each.stop()));
});

function post(client: SafeHttpClient, url: string, timeoutMs = 10_000): Promise<HttpOutcome> {
  return client.send({ url, method: 'POST', headers: {}, body: '{}', timeoutMs });
}

const addresses = (...given: string[]): DnsAnswer => ({ kind: 'addresses', addresses: given });
const cname = (to: string): DnsAnswer => ({ kind: 'cname', to });

const zones: Readonly<Record<string, readonly DnsAnswer[]>> = {
  loopback: [addresses('127.0.0.1')],
  'the loopback of IPv6': [addresses('::1')],
  'every interface': [addresses('0.0.0.0')],
  'every interface, IPv6': [addresses('::')],
  'a private address': [addresses('10.0.0.1')],
  'the metadata service': [addresses('169.254.169.254')],
  'a unique local address': [addresses('fd00:ec2::254')],
  'a link-local address': [addresses('fe80::1')],
  'the loopback, mapped': [addresses('::ffff:127.0.0.1')],
  'the loopback, compatible': [addresses('::127.0.0.1')],
  'the loopback by NAT64': [addresses('64:ff9b::127.0.0.1')],
  'the loopback by 6to4': [addresses('2002:7f00:1::1')],
  'a public and a private address': [addresses('93.184.216.34', '10.0.0.1')],
  'a private and a public address': [addresses('10.0.0.1', '93.184.216.34')],
  'an opened address and the loopback': [addresses('127.0.0.2', '127.0.0.1')],
  'public over IPv4, loopback over IPv6': [addresses('93.184.216.34', '::1')],
  'public over IPv6, loopback over IPv4': [addresses('2606:4700:4700::1111', '127.0.0.1')],
  'nine public addresses and the loopback': [
    addresses(...Array.from({ length: 9 }, (_, at) => `93.184.216.${at + 1}`), '127.0.0.1'),
  ],
  'an alias of a private name': [cname('private.test')],
  'an alias of an alias of the loopback': [cname('alias.test')],
  'an alias of a name with mixed addresses': [cname('mixed.test')],
};

for (const [index, [what, answers]] of Object.entries(zones).entries()) {
  for (const proxyIs of ['off', 'on'] as const) {
    test(`refused, nothing connected, proxy ${proxyIs}: a name that is ${what} (P6)`, async () => {
      dns.set('private.test', addresses('10.0.0.1'));
      dns.set('alias.test', cname('loopback.test'));
      dns.set('loopback.test', addresses('127.0.0.1'));
      dns.set('mixed.test', addresses('93.184.216.34', '127.0.0.1'));
      const name = `name-${index}-${proxyIs}.test`;
      dns.set(name, ...answers);
      const client = proxyIs === 'on' ? proxied : direct;
      for (const scheme of ['http', 'https']) {
        const outcome = await post(client, `${scheme}://${name}:${receiver.port}/`);
        assert.ok(outcome.kind === 'refused', JSON.stringify(outcome));
        assert.equal(outcome.code, 'address_not_allowed');
      }
      assert.ok(dns.asked(name) >= 4);
    });
  }
}

for (const [what, client] of [
  ['off', () => direct],
  ['on', () => proxied],
] as const) {
  test(`a name that is rebound after it was judged is refused, asked once for each connection, proxy ${what} (P6)`, async () => {
    const name = `rebound-${what}.test`;
    const good = addresses('127.0.0.2');
    dns.set(
      name,
      good,
      addresses('127.0.0.1'),
      addresses('127.0.0.2', '127.0.0.1'),
      cname('lo.test'),
      good,
    );
    dns.set('lo.test', addresses('127.0.0.1'));
    const before = receiver.received();
    const kinds: string[] = [];
    for (let at = 1; at <= 5; at += 1) {
      kinds.push((await post(client(), `http://${name}:${receiver.port}/`)).kind);
      // One question for IPv4 and one for IPv6: none between judging and connecting.
      assert.equal(dns.asked(name), 2 * at);
    }
    assert.deepEqual(kinds, ['response', 'refused', 'refused', 'refused', 'response']);
    assert.equal(receiver.received(), before + 2);
  });
}

test('a redirect to whatever is inside is an answer, and no connection follows (P6)', async () => {
  dns.set('public.test', addresses('127.0.0.2'));
  dns.set('inside.test', addresses('127.0.0.1'));
  for (const to of [`http://127.0.0.1:${inner.port}/`, `http://inside.test:${inner.port}/`]) {
    for (const status of [301, 302, 303, 307, 308]) {
      receiver.respondWith({ kind: 'redirect', to, status });
      const outcome = await post(direct, `http://public.test:${receiver.port}/`);
      assert.ok(outcome.kind === 'response' && outcome.status === status, JSON.stringify(outcome));
    }
  }
  assert.equal(dns.asked('inside.test'), 0);
});

test('a name that does not exist, or whose server fails or is silent, is told apart', async () => {
  dns.set('failing.test', { kind: 'servfail' });
  dns.set('silent.test', { kind: 'silent' });
  dns.set('empty.test', addresses());
  for (const name of ['nobody.test', 'failing.test', 'empty.test']) {
    const outcome = await post(direct, `https://${name}/`);
    assert.ok(outcome.kind === 'dns_failed', JSON.stringify(outcome));
  }
  const silent = await post(direct, 'https://silent.test/', 200);
  assert.ok(silent.kind === 'timeout' && silent.phase === 'dns', JSON.stringify(silent));
});
