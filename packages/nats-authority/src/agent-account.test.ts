import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Account, decode, parseCreds, type User } from '@nats-io/jwt';
import { agentAccountId, createAgentAccount, mintAgentCredentials } from './agent-account.ts';
import { createAuthority } from './authority.ts';

const agent = { tenant: 'default', host: 'node-1' };

test('P5 neither account nor credentials are made for names that would reach beyond their own subjects', async () => {
  const authority = createAuthority();
  for (const name of [
    { tenant: '*', host: 'node-1' },
    { tenant: 'default', host: '>' },
    { tenant: 'default', host: 'node.1' },
    { tenant: 'de_fault', host: 'node-1' },
    { tenant: '', host: 'node-1' },
  ]) {
    await assert.rejects(mintAgentCredentials(authority, name), RangeError);
    await assert.rejects(createAgentAccount(authority, name), RangeError);
  }
});

test('P5 an account imports its own subjects alone, and has neither JetStream nor exports', async () => {
  const authority = createAuthority();
  const { nats, name } = decode<Account>((await createAgentAccount(authority, agent)).jwt);
  assert.equal(name, 'AGENT_default_node-1');
  assert.deepEqual(
    nats.imports?.map(({ subject, local_subject }) => [subject, local_subject]),
    [
      ['hv.default.node-1.>', undefined],
      ['to._INBOX_default_node-1.>', '_INBOX_default_node-1.>'],
    ],
  );
  assert.equal(nats.exports, undefined);
  assert.equal(nats.limits?.exports, 0);
  assert.equal(nats.limits?.disk_storage, undefined);
});

test('an agent has one account, whatever its credentials; no two agents and no two installations share one', async () => {
  const authority = createAuthority();
  const id = agentAccountId(authority, agent);
  const first = await mintAgentCredentials(authority, agent);
  const second = await mintAgentCredentials(authority, agent);
  assert.notEqual(first.userPublicKey, second.userPublicKey);
  for (const { creds, userPublicKey } of [first, second]) {
    const { aid, uc } = await parseCreds(new TextEncoder().encode(creds));
    assert.equal(aid, id);
    assert.equal(uc.sub, userPublicKey);
  }
  assert.equal((await createAgentAccount(authority, agent)).publicKey, id);
  assert.notEqual(agentAccountId(authority, { ...agent, host: 'node-2' }), id);
  assert.notEqual(agentAccountId(authority, { ...agent, tenant: 'other' }), id);
  assert.notEqual(agentAccountId(createAuthority(), agent), id);
});

test('credentials may do what their agent may, until the time they expire', async () => {
  const expiresAt = new Date('2100-01-01T00:00:00Z');
  const { creds } = await mintAgentCredentials(createAuthority(), agent, { expiresAt });
  const { uc } = await parseCreds(new TextEncoder().encode(creds));
  assert.equal(uc.exp, expiresAt.getTime() / 1000);
  const { pub, sub } = uc.nats as User;
  assert.deepEqual(pub?.allow, ['hv.default.node-1.>']);
  assert.deepEqual(sub?.allow, ['_INBOX_default_node-1.>']);
});
