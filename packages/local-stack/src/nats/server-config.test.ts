import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuthority, mintAgentCredentials, signClaims } from './authority.ts';
import { natsServerConfig } from './server-config.ts';
import { isAtLeast, parseNatsVersion } from './version.ts';

const base = { host: '127.0.0.1', port: 4222, storeDir: '/srv/a "b"', durable: true } as const;

test('every write is flushed from version 2.10 on; 2.9, which refuses the field, is not given it', () => {
  assert.match(natsServerConfig({ ...base, version: [2, 12, 1] }), /sync_interval: always/);
  assert.doesNotMatch(natsServerConfig({ ...base, version: [2, 9, 10] }), /sync_interval/);
});

test('paths are quoted, IPv6 addresses bracketed', () => {
  const text = natsServerConfig({ ...base, host: '::1', version: [2, 12, 1] });
  assert.match(text, /store_dir: "\/srv\/a \\"b\\""/);
  assert.match(text, /listen: "\[::1\]:4222"/);
});

test('in operator mode no seed gets into the configuration', async () => {
  const authority = createAuthority();
  const claims = await signClaims(authority);
  const text = natsServerConfig({
    ...base,
    version: [2, 12, 1],
    operatorMode: { authority, claims },
  });
  for (const holder of Object.values(authority)) {
    assert.equal(text.includes(holder.seed) || text.includes(holder.signingSeed), false);
  }
  assert.match(text, /resolver_preload/);
});

test('P5 no credentials are minted for names that would reach beyond their own subjects', async () => {
  const { agents } = createAuthority();
  for (const agent of [
    { tenant: '*', host: 'node-1' },
    { tenant: 'default', host: '>' },
    { tenant: 'default', host: 'node.1' },
    { tenant: 'de_fault', host: 'node-1' },
    { tenant: '', host: 'node-1' },
  ]) {
    await assert.rejects(mintAgentCredentials(agents, agent), RangeError);
  }
});

test('versions are compared number by number', () => {
  assert.deepEqual(parseNatsVersion('nats-server: v2.9.10'), [2, 9, 10]);
  assert.equal(parseNatsVersion('no version'), undefined);
  assert.equal(isAtLeast([2, 9, 10], [2, 9, 4]), true);
  assert.equal(isAtLeast([2, 9, 3], [2, 9, 4]), false);
  assert.equal(isAtLeast([3, 0, 0], [2, 9, 4]), true);
});
