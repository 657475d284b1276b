import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, type Receiver, startReceiver } from '@hookline/testing';
import { connectTcp } from './connect-first.ts';
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

function post(client: SafeHttpClient, url = receiver.url): Promise<HttpOutcome> {
  return client.send({ url, method: 'POST', headers: {}, body: '{}', timeoutMs: 5_000 });
}

test('requests one after another share one connection, resolved and judged once', async () => {
  let resolved = 0;
  const client = open({
    resolve: async () => {
      resolved += 1;
      return ['127.0.0.1'];
    },
  });
  receiver.respondWith(200);
  const { accepted } = receiver.connections();
  for (let at = 0; at < 20; at += 1) {
    const outcome = await post(client, `http://a.example:${receiver.port}/`);
    assert.equal(outcome.kind, 'response');
  }
  assert.equal(receiver.connections().accepted, accepted + 1);
  assert.equal(resolved, 1);
  await client.close();
});

test('simultaneous requests use no more connections than allowed, and all are answered', async () => {
  const client = open({ connectionsPerOriginMax: 3 });
  receiver.respondWith({ kind: 'respond', status: 200, afterMs: 5 });
  const { accepted } = receiver.connections();
  const outcomes = await Promise.all(Array.from({ length: 60 }, () => post(client)));
  assert.ok(outcomes.every((outcome) => outcome.kind === 'response'));
  assert.ok(receiver.connections().accepted - accepted <= 3);
  await client.close();
});

test('a name is judged anew for each connection: a rebound name is refused (P6)', async () => {
  const answers = [['127.0.0.1'], ['10.0.0.1'], ['127.0.0.1', '169.254.169.254'], ['127.0.0.1']];
  let asked = 0;
  const dialled: string[] = [];
  const client = open({
    resolve: async () => answers[asked++] ?? [],
    connect: (address, port) => {
      dialled.push(address);
      return connectTcp(address, port);
    },
  });
  receiver.respondWith({ kind: 'respond', status: 200, headers: { connection: 'close' } });
  const kinds: string[] = [];
  for (const _ of answers) {
    kinds.push((await post(client, `http://rebind.example:${receiver.port}/`)).kind);
  }
  assert.deepEqual(kinds, ['response', 'refused', 'refused', 'response']);
  assert.deepEqual(dialled, ['127.0.0.1', '127.0.0.1']);
  assert.equal(asked, answers.length);
  await client.close();
});

test('a peer that is not the address dialled is refused before a byte is sent (P6)', async () => {
  const client = open({ connect: (_address, port) => connectTcp('127.0.0.1', port) });
  const before = receiver.received();
  const outcome = await post(client, `http://127.0.0.2:${receiver.port}/`);
  assert.ok(outcome.kind === 'refused', JSON.stringify(outcome));
  assert.equal(outcome.address, '127.0.0.1');
  assert.equal(receiver.received(), before);
  await client.close();
});

test('an address in IPv4-mapped notation is reached at the IPv4 address allowed', async () => {
  const client = open();
  receiver.respondWith(200);
  const outcome = await post(client, `http://[::ffff:7f00:1]:${receiver.port}/`);
  assert.ok(outcome.kind === 'response', JSON.stringify(outcome));
  assert.equal(outcome.remoteAddress, '127.0.0.1');
  await client.close();
});

test('http to a public address is refused where only a subnet is open for it', async () => {
  const client = open({ resolve: async () => ['8.8.8.8'] });
  const outcome = await post(client, 'http://public.example/');
  assert.ok(outcome.kind === 'refused');
  assert.equal(outcome.code, 'http_not_allowed');
  assert.match(outcome.error, /HOOKLINE_ALLOW_SUBNETS.*HOOKLINE_ALLOW_HTTP/);
  await client.close();
});

test('of several addresses the first that answers is used', async () => {
  const other = await startReceiver({ host: '127.0.0.3' });
  const client = open({ resolve: async () => ['127.0.0.2', '127.0.0.3', '127.0.0.4'] });
  const outcome = await post(client, `http://several.example:${other.port}/`);
  assert.ok(outcome.kind === 'response', JSON.stringify(outcome));
  assert.equal(outcome.remoteAddress, '127.0.0.3');
  await client.close();
  await other.stop();
});

test('a name that does not resolve is dns_failed for all who wait, and not for ever', async () => {
  let known = false;
  const client = open({
    resolve: async () => {
      if (known) return ['127.0.0.1'];
      throw Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND' });
    },
  });
  const url = `http://new.example:${receiver.port}/`;
  for (const outcome of await Promise.all([post(client, url), post(client, url)])) {
    assert.ok(outcome.kind === 'dns_failed');
    assert.equal(outcome.error, 'new.example does not exist in DNS (ENOTFOUND).');
  }
  known = true;
  receiver.respondWith(200);
  assert.equal((await post(client, url)).kind, 'response');
  await client.close();
});

test('a free connection closed by its receiver is replaced without a failed request', async () => {
  const flaky = await startReceiver();
  const client = open();
  for (let at = 0; at < 20; at += 1) {
    assert.equal((await post(client, flaky.url)).kind, 'response');
    flaky.respondWith({ kind: 'respond', status: 200, headers: { 'keep-alive': 'timeout=1' } });
  }
  await client.close();
  await flaky.stop();
});

test('receivers that close each connection get every request once', async () => {
  const client = open({ connectionsPerOriginMax: 4 });
  receiver.respondWith({ kind: 'respond', status: 200, headers: { connection: 'close' } });
  const before = receiver.received();
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => post(client)));
  assert.ok(outcomes.every((outcome) => outcome.kind === 'response'));
  assert.equal(receiver.received(), before + 50);
  await client.close();
});

test('a free connection is closed after its idle time, also one that never carried a request', async () => {
  const client = open({ idleMs: 50, connectionsPerOriginMax: 2 });
  receiver.respondWith(200);
  await Promise.all([post(client), post(client), post(client)]);
  await eventually(() => {
    assert.deepEqual(client.stats(), { requests: 0, origins: 0, idle: 0 });
    assert.equal(receiver.connections().open, 0);
  });
  await client.close();
});

test('beyond the bound the free connection used longest ago is closed', async () => {
  const hosts = await Promise.all(
    ['127.0.0.2', '127.0.0.3', '127.0.0.4'].map((host) => startReceiver({ host })),
  );
  const client = open({ idleConnectionsMax: 2 });
  for (const { url } of hosts) await post(client, url);
  await eventually(() =>
    assert.deepEqual(
      hosts.map((host) => host.connections().open),
      [0, 1, 1],
    ),
  );
  assert.deepEqual(client.stats(), { requests: 0, origins: 2, idle: 2 });
  await client.close();
  await Promise.all(hosts.map((host) => host.stop()));
});

test('an old connection is not used again', async () => {
  const client = open({ connectionAgeMsMax: 0 });
  receiver.respondWith(200);
  const { accepted } = receiver.connections();
  for (let at = 0; at < 3; at += 1) assert.equal((await post(client)).kind, 'response');
  assert.equal(receiver.connections().accepted, accepted + 3);
  await client.close();
});

test('more than may wait or be under way is overloaded, and not sent', async () => {
  const client = open({ connectionsPerOriginMax: 1, waitingPerOriginMax: 2, requestsMax: 4 });
  receiver.respondWith({ kind: 'respond', status: 200, afterMs: 50 });
  const before = receiver.received();
  const outcomes = await Promise.all(Array.from({ length: 6 }, () => post(client)));
  const kinds = outcomes.map((outcome) => outcome.kind);
  assert.deepEqual(kinds.slice(0, 2), ['response', 'response']);
  assert.deepEqual([...new Set(kinds.slice(2))], ['overloaded']);
  assert.equal(receiver.received(), before + 2);
  await client.close();
});

test('close lets requests under way finish, refuses new ones and leaves no connection', async () => {
  const client = open({ connectionsPerOriginMax: 2 });
  receiver.respondWith({ kind: 'respond', status: 200, afterMs: 50 });
  const before = receiver.received();
  const sent = Array.from({ length: 6 }, () => post(client));
  await receiver.waitFor(before + 1);
  const closed = client.close();
  assert.equal((await post(client)).kind, 'cancelled');
  await Promise.all([closed, client.close()]);
  assert.ok((await Promise.all(sent)).every((outcome) => outcome.kind === 'response'));
  assert.deepEqual(client.stats(), { requests: 0, origins: 0, idle: 0 });
  await eventually(() => assert.equal(receiver.connections().open, 0));
});

test('close cancels what is not done after its grace', async () => {
  const client = open({ connectionsPerOriginMax: 1 });
  receiver.respondWith({ kind: 'hang' });
  const before = receiver.received();
  const sent = [post(client), post(client)];
  await receiver.waitFor(before + 1);
  await client.close({ graceMs: 50 });
  const outcomes = await Promise.all(sent);
  assert.deepEqual(
    outcomes.map((outcome) => outcome.kind === 'cancelled' && outcome.requestSent),
    [true, false],
  );
  await eventually(() => assert.equal(receiver.connections().open, 0));
});

test('checkUrl of a client looks at the addresses of a name, and lets an unknown name pass', async () => {
  const client = open({
    resolve: async (host) => {
      if (host === 'inner.example') return ['10.0.0.1'];
      if (host === 'slow.example') return new Promise(() => {});
      throw Object.assign(new Error('none'), { code: 'ENOTFOUND' });
    },
  });
  const inner = await client.checkUrl('https://inner.example/');
  assert.ok(!inner.ok && inner.code === 'address_not_allowed');
  assert.ok((await client.checkUrl('https://unknown.example/')).ok);
  assert.ok((await client.checkUrl('https://slow.example/', 50)).ok);
  assert.ok(!(await client.checkUrl('https://10.0.0.1/')).ok);
  await client.close();
});

test('the system resolver knows the hosts file', async () => {
  const client = open();
  receiver.respondWith(200);
  const outcome = await post(client, `http://localhost:${receiver.port}/`);
  // Where localhost is ::1 as well, a policy that allows 127.0.0.0/8 alone refuses it.
  assert.ok(outcome.kind === 'response' || outcome.kind === 'refused', JSON.stringify(outcome));
  await client.close();
});
