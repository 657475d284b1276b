import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAgentAccount, createAuthority, signClaims } from '@hookline/nats-authority';
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
  const agent = await createAgentAccount(authority, { tenant: 'default', host: 'node-1' });
  const text = natsServerConfig({
    ...base,
    version: [2, 12, 1],
    operatorMode: { authority, claims, agentAccounts: { [agent.publicKey]: agent.jwt } },
  });
  const { operator, system, services, agentsSecret } = authority;
  for (const { seed, signingSeed } of [operator, system, services]) {
    assert.equal(text.includes(seed) || text.includes(signingSeed), false);
  }
  assert.equal(text.includes(agentsSecret), false);
  assert.match(text, new RegExp(`resolver_preload \\{[^}]*${agent.publicKey}: ${agent.jwt}`));
});

test('versions are compared number by number', () => {
  assert.deepEqual(parseNatsVersion('nats-server: v2.9.10'), [2, 9, 10]);
  assert.equal(parseNatsVersion('no version'), undefined);
  assert.equal(isAtLeast([2, 9, 10], [2, 9, 4]), true);
  assert.equal(isAtLeast([2, 9, 3], [2, 9, 4]), false);
  assert.equal(isAtLeast([3, 0, 0], [2, 9, 4]), true);
});
