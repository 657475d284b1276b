import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifyAddress, type OutboundPolicy } from './address-rules.ts';
import { parseAllowSubnets, type Subnet } from './subnets.ts';

function subnets(text: string): readonly Subnet[] {
  const parsed = parseAllowSubnets(text);
  assert.ok(parsed.ok);
  return parsed.subnets;
}

const closed: OutboundPolicy = { allowSubnets: [], allowHttp: false };

/** First and last addresses of what is closed, and the open neighbours just outside. */
const borders: readonly [range: string, closed: readonly string[], open: readonly string[]][] = [
  ['this network', ['0.0.0.0', '0.255.255.255'], ['1.0.0.0']],
  ['private 10/8', ['10.0.0.0', '10.255.255.255'], ['9.255.255.255', '11.0.0.0']],
  ['shared', ['100.64.0.0', '100.127.255.255'], ['100.63.255.255', '100.128.0.0']],
  ['loopback', ['127.0.0.0', '127.255.255.255'], ['126.255.255.255', '128.0.0.0']],
  ['azure', ['168.63.129.16'], ['168.63.129.15', '168.63.129.17']],
  ['link-local', ['169.254.0.0', '169.254.255.255'], ['169.253.255.255', '169.255.0.0']],
  ['private 172.16/12', ['172.16.0.0', '172.31.255.255'], ['172.15.255.255', '172.32.0.0']],
  ['protocol assignments', ['192.0.0.0', '192.0.0.255'], ['191.255.255.255', '192.0.1.0']],
  ['documentation 1', ['192.0.2.0', '192.0.2.255'], ['192.0.1.255', '192.0.3.0']],
  ['6to4 relay', ['192.88.99.0', '192.88.99.255'], ['192.88.98.255', '192.88.100.0']],
  ['private 192.168/16', ['192.168.0.0', '192.168.255.255'], ['192.167.255.255', '192.169.0.0']],
  ['benchmarking', ['198.18.0.0', '198.19.255.255'], ['198.17.255.255', '198.20.0.0']],
  ['documentation 2', ['198.51.100.0', '198.51.100.255'], ['198.51.99.255', '198.51.101.0']],
  ['documentation 3', ['203.0.113.0', '203.0.113.255'], ['203.0.112.255', '203.0.114.0']],
  ['multicast and reserved', ['224.0.0.0', '240.0.0.0', '255.255.255.255'], ['223.255.255.255']],
  ['below global unicast', ['::', '::1', '::7f00:1', '1fff:ffff::1'], ['2000::1']],
  ['discard and dummy', ['100::', '100::ffff:ffff:ffff:ffff', '100:0:0:1::1'], []],
  ['NAT64', ['64:ff9b::', '64:ff9b::8.8.8.8', '64:ff9b:1::', '64:ff9b:1:ffff::1'], []],
  ['translated', ['::ffff:0:8.8.8.8', '::ffff:0:127.0.0.1'], []],
  ['mapped', ['::ffff:0.0.0.0', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:a00:1'], []],
  [
    'special 2001::/23',
    ['2001::', '2001:0:4136::1', '2001:2::1', '2001:1ff:ffff::'],
    ['2001:200::'],
  ],
  [
    'documentation v6',
    ['2001:db8::', '2001:db8:ffff::1', '3fff::', '3fff:fff::1'],
    ['3fff:1000::'],
  ],
  ['6to4', ['2002::', '2002:7f00:1::', '2002:ffff::'], ['2001:ffff::', '2003::']],
  ['AS112', ['2620:4f:8000::', '192.31.196.1', '192.175.48.1', '192.52.193.1'], ['2620:4f:8001::']],
  ['ISATAP', ['2600::5efe:7f00:1', '2600::200:5efe:10.0.0.1'], ['2600::5eff:7f00:1']],
  ['above global unicast', ['4000::', '5f00::1', '8000::1', 'fbff:ffff::1'], ['3ffe::1']],
  ['unique local', ['fc00::', 'fd00::1', 'fd00:ec2::254', 'fdff:ffff::1'], []],
  ['link-local v6', ['fe80::', 'fe80::1', 'febf:ffff::1'], []],
  ['site-local', ['fec0::', 'feff::1'], []],
  ['multicast v6', ['ff00::', 'ff02::1', 'ff0e::1'], []],
];

for (const [range, shut, open] of borders) {
  test(`${range}: closed from its first to its last address, open beside (P6)`, () => {
    for (const address of shut) {
      assert.equal(classifyAddress(address, closed).kind, 'forbidden', address);
    }
    for (const address of open) {
      assert.equal(classifyAddress(address, closed).kind, 'public', address);
    }
  });
}

test('well-known public addresses are public', () => {
  for (const address of ['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111', '2001:4860:4860::8888']) {
    assert.deepEqual(classifyAddress(address, closed), { kind: 'public', connectTo: address });
  }
});

test('what is not strictly an address is forbidden', () => {
  for (const text of ['', 'localhost', '0177.0.0.1', '127.1', '0x7f.0.0.1', 'fe80::1%eth0', '1']) {
    assert.equal(classifyAddress(text, closed).kind, 'forbidden', text);
  }
});

test('an allowed subnet opens its addresses in both notations, and dials the plain one', () => {
  const policy: OutboundPolicy = { allowSubnets: subnets('10.1.0.0/16'), allowHttp: false };
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '::ffff:a01:203']) {
    assert.deepEqual(classifyAddress(address, policy), { kind: 'allowed', connectTo: '10.1.2.3' });
  }
  for (const address of ['10.2.0.1', '::ffff:10.2.0.1', '::10.1.2.3', '64:ff9b::10.1.2.3']) {
    assert.equal(classifyAddress(address, policy).kind, 'forbidden', address);
  }
});

test('a subnet allowed in IPv4-mapped notation opens the same addresses', () => {
  const policy: OutboundPolicy = { allowSubnets: subnets('::ffff:10.1.0.0/112'), allowHttp: false };
  assert.equal(classifyAddress('10.1.2.3', policy).kind, 'allowed');
  assert.equal(classifyAddress('10.2.2.3', policy).kind, 'forbidden');
});

test('an allowed IPv6 subnet opens nothing of IPv4', () => {
  const policy: OutboundPolicy = { allowSubnets: subnets('::/0'), allowHttp: false };
  assert.equal(classifyAddress('fd00::1', policy).kind, 'allowed');
  assert.equal(classifyAddress('127.0.0.1', policy).kind, 'forbidden');
  assert.equal(classifyAddress('::ffff:127.0.0.1', policy).kind, 'forbidden');
});

test("the operator's own ranges are closed whatever else says", () => {
  const policy: OutboundPolicy = {
    allowSubnets: subnets('10.0.0.0/8'),
    allowHttp: true,
    denySubnets: subnets('10.9.0.0/16,93.184.216.0/24'),
  };
  assert.equal(classifyAddress('10.8.0.1', policy).kind, 'allowed');
  assert.equal(classifyAddress('10.9.0.1', policy).kind, 'forbidden');
  assert.equal(classifyAddress('93.184.216.34', policy).kind, 'forbidden');
});
