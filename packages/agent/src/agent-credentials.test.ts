import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkIdentity, readIdentity } from './agent-credentials.ts';

function credsAllowing(allow: unknown): string {
  const claims = Buffer.from(JSON.stringify({ nats: { pub: { allow } } })).toString('base64url');
  return `-----BEGIN NATS USER JWT-----\nhead.${claims}.signature\n------END NATS USER JWT------\n`;
}

test('credentials say which agent they were minted for', () => {
  assert.deepEqual(readIdentity(credsAllowing(['hv.default.node-1.>'])), {
    tenant: 'default',
    host: 'node-1',
  });
});

test('credentials of another kind are refused with the way out', () => {
  const invalid = { name: 'AgentError', code: 'invalid_credentials' };
  for (const creds of [
    '',
    'no creds',
    credsAllowing(['>']),
    credsAllowing('x'),
    credsAllowing([]),
  ]) {
    assert.throws(() => readIdentity(creds), invalid);
  }
  assert.throws(() => readIdentity(credsAllowing(['hv.UPPER.node.>'])), invalid);
  assert.throws(() => checkIdentity({ tenant: 'default', host: 'node.1' }), invalid);
});
