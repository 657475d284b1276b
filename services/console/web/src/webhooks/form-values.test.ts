import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WebhookJson } from '../api/types.ts';
import { newValues, toBody, toPatch, valuesOf } from './form-values.ts';

const webhook: WebhookJson = {
  id: 'sub_1',
  url: 'https://a.example',
  events: ['server.*'],
  format: 'standard',
  state: 'active',
  disabled_reason: null,
  retry: { delays_seconds: [1, 2.5], attempts_max: 3 },
  created_at: '2026-01-15T10:30:00Z',
  updated_at: '2026-01-15T10:30:00Z',
  etag: '1',
  headers: { 'X-Shop': '7', 'X-Old': '1' },
  auth: { basic: { username: 'me' } },
  options: { card_title: 'Servers' },
};

test('what is left as it is takes the server’s defaults, and is not sent', () => {
  const body = toBody({ ...newValues, url: ' https://a.example ', events: ['server.started'] });
  assert.deepEqual(body, {
    url: 'https://a.example',
    format: 'standard',
    events: ['server.started'],
    statuses: ['success'],
    phases: ['post'],
  });
});

test('retries, headers, credentials and options are sent as REST has them', () => {
  const body = toBody({
    ...newValues,
    preset: 'own',
    delays: '5, 60;300',
    attemptsMax: '6',
    mayDisable: 'no',
    headers: 'X-Shop: 7\n\n X-Time : 10:30 ',
    authKind: 'bearer',
    authValue: 'token',
    authBase64: true,
    options: { chat_id: '-100', silent: '' },
  });
  assert.deepEqual(body.retry, { delays_seconds: [5, 60, 300], attempts_max: 6, disable: false });
  assert.deepEqual(body.headers, { 'X-Shop': '7', 'X-Time': '10:30' });
  assert.deepEqual(body.auth, { bearer: { token: 'token', base64: true } });
  assert.deepEqual(body.options, { chat_id: '-100' });
});

test('a form that was not touched changes nothing of a webhook', () => {
  const patch = toPatch(valuesOf(webhook), webhook);
  assert.deepEqual(patch.headers, webhook.headers);
  assert.deepEqual(patch.options, webhook.options);
  assert.deepEqual(patch.retry, webhook.retry);
  assert.ok(!('auth' in patch), 'its credential is not known here, and kept');
});

test('what is taken out of the form is taken out of the webhook', () => {
  const values = { ...valuesOf(webhook), headers: 'X-Shop: 8', options: {}, preset: 'none' };
  const patch = toPatch({ ...values, delays: '', attemptsMax: '', authKind: 'none' }, webhook);
  assert.deepEqual(patch.headers, { 'X-Shop': '8', 'X-Old': null });
  assert.deepEqual(patch.options, { card_title: null });
  assert.deepEqual(patch.retry, { delays_seconds: null, attempts_max: null, preset: 'none' });
  assert.equal(patch.auth, null);
});
