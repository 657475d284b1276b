import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Receiver, startReceiver } from '@hookline/testing';
import { connectTcp } from './connect-first.ts';
import { createSafeHttpClient, type HttpOutcome, type SafeHttpClient } from './index.ts';

/**
 * A receiver listens on the loopback and plain http is allowed, so that only the address rules
 * stand between a request and it. `dialled` holds every address that a socket was opened to.
 */
let receiver: Receiver;
let client: SafeHttpClient;
let answers: readonly string[] = [];
const dialled: string[] = [];

before(async () => {
  receiver = await startReceiver();
  client = createSafeHttpClient({
    policy: { allowSubnets: [], allowHttp: true },
    resolve: async () => answers,
    connect: (address, port) => {
      dialled.push(address);
      return connectTcp(address, port);
    },
  });
});

after(async () => {
  await client.close();
  await receiver.stop();
  assert.deepEqual(dialled, [], 'something was dialled');
  assert.equal(receiver.connections().accepted, 0);
});

function post(url: string): Promise<HttpOutcome> {
  return client.send({ url, method: 'POST', headers: {}, body: '{}', timeoutMs: 2_000 });
}

async function assertRefused(url: string): Promise<void> {
  const outcome = await post(url);
  assert.equal(outcome.kind, 'refused', JSON.stringify(outcome));
  assert.equal(dialled.length, 0, `dialled ${dialled}`);
}

const hosts: Readonly<Record<string, readonly string[]>> = {
  'loopback in every notation': [
    '127.0.0.1',
    '127.1',
    '127.0.1',
    '127.255.255.254',
    '2130706433',
    '017700000001',
    '0x7f000001',
    '0x7F.1',
    '0177.0.0.1',
    '0177.0x0.0.01',
    '127.0.0.1.',
    '0x7f.0.0.0x1.',
    '127%2e0%2e0%2e1',
    '%31%32%37.0.0.1',
    '１２７.0.0.1',
    '①②⑦.⓪.⓪.①',
    '127。0。0。1',
    '127.0.0.1%00',
    'localhost',
    'LocalHost',
    'localhost.',
    'a.b.localhost',
    'ｌｏｃａｌｈｏｓｔ',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[0000:0000:0000:0000:0000:0000:0000:0001]',
    '[::0001]',
  ],
  'unspecified, broadcast and this network': [
    '0.0.0.0',
    '0',
    '00',
    '0x0',
    '0.1.2.3',
    '255.255.255.255',
    '4294967295',
    '0xffffffff',
    '037777777777',
    '[::]',
    '[0:0::0]',
  ],
  'private networks': [
    '10.0.0.1',
    '10.1',
    '167772161',
    '012.0.0.1',
    '0xa.1',
    '10.255.255.255',
    '172.16.0.1',
    '172.31.255.255',
    '2886729729',
    '192.168.0.1',
    '192.168.1',
    '0xc0a80001',
    '0300.0250.0.1',
    '3232235521',
    '100.64.0.1',
    '100.127.255.254',
    '[fc00::1]',
    '[fd00::1]',
    '[fd12:3456:789a::1]',
  ],
  'metadata services and link-local': [
    '169.254.169.254',
    '169.254.170.2',
    '2852039166',
    '0xa9fea9fe',
    '0251.0376.0251.0376',
    '0xA9.254.0251.254',
    '169.16689662',
    '169.254.43518',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[fd00:ec2::254]',
    '[fd20:ce::254]',
    '100.100.100.200',
    '192.0.0.192',
    '168.63.129.16',
    '2822734096',
    '[::ffff:168.63.129.16]',
    '[fe80::1]',
    '[febf::1]',
  ],
  'IPv4 within IPv6': [
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:ffff:127.0.0.1]',
    '[::FFFF:127.0.0.1]',
    '[::ffff:10.0.0.1]',
    '[::ffff:192.168.0.1]',
    '[::ffff:8.8.8.8]',
    '[::127.0.0.1]',
    '[::7f00:1]',
    '[::10.0.0.1]',
    '[::8.8.8.8]',
    '[::ffff:0:127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b::169.254.169.254]',
    '[64:ff9b:1::127.0.0.1]',
    '[64:ff9b:1:2:3:4:a00:1]',
    '[2002:7f00:1::]',
    '[2002:a00:1::1]',
    '[2002:c0a8:1::]',
    '[2001:0:7f00:1::]',
    '[2001::ce49:7601:e866:efff:62c3:fffe]',
    '[2001:470:1f0b:1::5efe:127.0.0.1]',
    '[2600:1f00::200:5efe:10.0.0.1]',
  ],
  'special-purpose ranges': [
    '192.0.0.1',
    '192.0.2.1',
    '192.88.99.1',
    '192.31.196.1',
    '192.52.193.1',
    '192.175.48.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '[100::1]',
    '[100:0:0:1::1]',
    '[2001:2::1]',
    '[2001:3::1]',
    '[2001:10::1]',
    '[2001:20::1]',
    '[2001:db8::1]',
    '[3fff::1]',
    '[4000::1]',
    '[5f00::1]',
    '[fec0::1]',
    '[ff02::1]',
    '[ff0e::1]',
  ],
  'not an address at all': [
    '[fe80::1%25lo]',
    '[fe80::1%lo]',
    '[::1%251]',
    '[::1',
    '256.0.0.1',
    '127.0.0.0.1',
    '0x100000000',
    '4294967296',
    '127.0.0.09',
    '127.0.0.1 ',
    '127.0.0.1\t',
    '127.0.0.1\\@example.com',
    '',
  ],
  'another host before or after the one that counts': [
    'example.com@127.0.0.1',
    'user:secret@127.0.0.1',
    '127.0.0.1@example.com',
    '@127.0.0.1',
    'example.com%40127.0.0.1',
    'example.com#@127.0.0.1:25',
  ],
};

for (const [group, list] of Object.entries(hosts)) {
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
  const outcome = await post('http://inner.example/secret');
  assert.ok(outcome.kind === 'refused');
  assert.match(
    outcome.error,
    /inner\.example resolves to a private address.*HOOKLINE_ALLOW_SUBNETS/,
  );
  assert.doesNotMatch(outcome.error, /10\.20\.30\.40|secret/);
  assert.equal(outcome.address, '10.20.30.40');
});
