import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrialJson } from './trial.ts';
import { trialText } from './trial.ts';
import { verifyCommand } from './verify-command.ts';

const trial: TrialJson = {
  url: 'https://a.example/hook?x=1',
  headers: [
    { name: 'content-type', value: 'application/json' },
    { name: 'webhook-id', value: 'dlv_1' },
    { name: 'Webhook-Timestamp', value: '17' },
    { name: 'webhook-signature', value: 'v1,abc=' },
  ],
  body: `{"name":"it's $HOME"}`,
  secret: 'whsec_x',
  public_key: null,
  attempt: null,
};

test('the command passes body, secret and signature to the program as they are', () => {
  assert.equal(
    verifyCommand(trial, 'node verify.mjs'),
    `printf %s '{"name":"it'\\''s $HOME"}' | WEBHOOK_SECRET='whsec_x' node verify.mjs standard 'dlv_1' '17' 'v1,abc='`,
  );
});

test('a request without a signature has nothing to verify', () => {
  assert.equal(verifyCommand({ ...trial, headers: [] }, 'node verify.mjs'), undefined);
});

test('a request is shown as it goes over the wire', () => {
  assert.equal(trialText(trial).split('\n')[0], 'POST /hook?x=1 HTTP/1.1');
  assert.ok(trialText(trial).endsWith(`\n\n${trial.body}`));
});
