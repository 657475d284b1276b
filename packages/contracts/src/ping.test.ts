import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from './ids.ts';
import { decodePingReply, decodePingRequest, encodePing } from './ping.ts';

test('what is asked and answered arrives as it was, and nothing else is taken for it', () => {
  const request = {
    tenant: 'default',
    subscriptionId: newId('sub'),
    eventId: newId('evt'),
    expiresAtMs: 1_700_000_000_000,
  };
  assert.deepEqual(decodePingRequest(encodePing(request)), request);
  for (const wrong of [
    { tenant: 'a.b' },
    { subscriptionId: 'x' },
    { eventId: request.subscriptionId },
    { expiresAtMs: '1' },
  ]) {
    const text = JSON.stringify({ ...request, ...wrong });
    assert.equal(decodePingRequest(text), undefined, text);
  }
  for (const text of ['', 'null', '[]', '"x"', '{']) {
    assert.equal(decodePingRequest(text), undefined);
    assert.deepEqual(decodePingReply(text), { kind: 'failed' });
  }
  assert.deepEqual(decodePingReply(encodePing({ kind: 'busy' })), { kind: 'busy' });
  assert.deepEqual(decodePingReply('{"kind":"nope"}'), { kind: 'failed' });
});
