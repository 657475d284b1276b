import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAllowSubnets } from './subnets.ts';

const texts = (text: string | undefined): readonly string[] => {
  const parsed = parseAllowSubnets(text);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.subnets.map((subnet) => subnet.text);
};

const faults = (text: string): readonly string[] => {
  const parsed = parseAllowSubnets(text);
  assert.ok(!parsed.ok);
  return parsed.faults;
};

test('absent and blank mean no subnet', () => {
  assert.deepEqual(texts(undefined), []);
  assert.deepEqual(texts('  '), []);
});

test('CIDRs of both families are read, and a lone address is itself alone', () => {
  assert.deepEqual(texts('127.0.0.0/8, ::1/128,10.1.2.3 ,fd00::/8,0.0.0.0/0'), [
    '127.0.0.0/8',
    '::1/128',
    '10.1.2.3/32',
    'fd00::/8',
    '0.0.0.0/0',
  ]);
});

test('a subnet in IPv4-mapped notation is the IPv4 subnet', () => {
  assert.deepEqual(texts('::ffff:10.0.0.0/104'), ['10.0.0.0/8']);
});

test('every fault is reported, with the entry and what would be right', () => {
  const found = faults(
    '10.0.0.0/33,nonsense,10.0.0.1/8,,010.0.0.0/8,fe80::1%eth0,1.2.3.4/,::1/129',
  );
  assert.equal(found.length, 8);
  assert.match(found[0] ?? '', /10\.0\.0\.0\/33.*over 32/);
  assert.match(found[1] ?? '', /"nonsense" is not a subnet: write CIDRs like/);
  assert.match(found[2] ?? '', /write 10\.0\.0\.0\/8/);
});
