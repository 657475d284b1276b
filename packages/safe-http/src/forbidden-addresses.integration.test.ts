import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  forbiddenHosts,
  type Receiver,
  startReceiver,
  startTestProxy,
  type TestProxy,
} from '@hookline/testing';
import { connectTcp } from './connect-first.ts';
import {
  createSafeHttpClient,
  type HttpOutcome,
  parseProxy,
  type SafeHttpClient,
} from './index.ts';

/**
 * A receiver listens on the loopback and plain http is allowed, so that only the address rules
 * stand between a request and it. `dialled` holds every address that a socket was opened to. The
 * same is asked of a client whose proxy would lead everything to the receiver.
 */
let receiver: Receiver;
let proxy: TestProxy;
let clients: readonly SafeHttpClient[];
let answers: readonly string[] = [];
const dialled: string[] = [];

before(async () => {
  receiver = await startReceiver();
  proxy = await startTestProxy({ answer: { kind: 'tunnel', port: receiver.port } });
  const options = {
    policy: { allowSubnets: [], allowHttp: true },
    resolve: async () => answers,
    connect: (address: string, port: number) => {
      dialled.push(address);
      return connectTcp(address, port);
    },
  };
  const through = parseProxy(proxy.url);
  assert.ok(through);
  clients = [options, { ...options, proxy: through }].map(createSafeHttpClient);
});

after(async () => {
  for (const client of clients) await client.close();
  assert.deepEqual(dialled, [], 'something was dialled');
  assert.equal(receiver.connections().accepted, 0);
  assert.equal(proxy.accepted(), 0);
  await Promise.all([receiver.stop(), proxy.stop()]);
});

function post(client: SafeHttpClient | undefined, url: string): Promise<HttpOutcome> {
  assert.ok(client);
  return client.send({ url, method: 'POST', headers: {}, body: '{}', timeoutMs: 2_000 });
}

async function assertRefused(url: string): Promise<void> {
  for (const client of clients) {
    const outcome = await post(client, url);
    assert.equal(outcome.kind, 'refused', JSON.stringify(outcome));
    assert.equal(dialled.length, 0, `dialled ${dialled}`);
  }
}

test('the table has at least 120 forms (P6)', () => {
  assert.ok(Object.values(forbiddenHosts).flat().length >= 120);
});

for (const [group, list] of Object.entries(forbiddenHosts)) {
  for (const host of list) {
    // The fragment of the last row hides what follows; its own host resolves to the loopback.
    test(`refused, nothing dialled: ${group}: ${JSON.stringify(host)} (P6)`, async () => {
      answers = ['127.0.0.1'];
      await assertRefused(`http://${host}:${receiver.port}/`);
      await assertRefused(`https://${host}:${receiver.port}/`);
    });
  }
}

const resolved: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.1'],
  'loopback, IPv6': ['::1'],
  'the metadata service': ['169.254.169.254'],
  'a private address': ['10.0.0.1'],
  'an IPv4-mapped address': ['::ffff:127.0.0.1'],
  'an IPv4-compatible address': ['::127.0.0.1'],
  'a NAT64 address': ['64:ff9b::7f00:1'],
  'a link-local address with zone': ['fe80::1%lo'],
  'Azure host agent': ['168.63.129.16'],
  'a public and a private address': ['8.8.8.8', '10.0.0.1'],
  'a private and a public address': ['10.0.0.1', '8.8.8.8'],
  'public IPv4, private IPv6': ['8.8.8.8', '2606:4700:4700::1111', 'fd00::1'],
  'many public and one loopback': [...Array(30).fill('8.8.8.8'), '127.0.0.1'],
  'not an address': ['localhost'],
  'a shortened address': ['127.1'],
  'an empty text': [''],
};

for (const [what, addresses] of Object.entries(resolved)) {
  test(`refused, nothing dialled: a name that resolves to ${what} (P6)`, async () => {
    answers = addresses;
    for (const name of ['rebind.example', 'metadata.google.internal', 'single']) {
      await assertRefused(`http://${name}:${receiver.port}/`);
      await assertRefused(`https://${name}.:${receiver.port}/`);
    }
  });
}

test('a refusal names host and rule, and keeps the resolved address apart', async () => {
  answers = ['10.20.30.40'];
  const outcome = await post(clients[0], 'http://inner.example/secret');
  assert.ok(outcome.kind === 'refused');
  assert.match(
    outcome.error,
    /inner\.example resolves to a private address.*HOOKLINE_ALLOW_SUBNETS/,
  );
  assert.doesNotMatch(outcome.error, /10\.20\.30\.40|secret/);
  assert.equal(outcome.address, '10.20.30.40');
});
