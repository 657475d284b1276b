import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationToMs, RetryPreset, Subscription } from '@hookline/contracts';
import { restFieldOf } from './field-names.ts';
import { toRetryPolicy } from './retry.ts';
import { maskOf, needsCurrent, toPatched, type WebhookPatch } from './webhook-patch.ts';

const current = Subscription.fromPartial({
  format: 'cdhosting',
  headers: { A: '1', B: '2' },
  options: { signature_header: 'X-S' },
  retryPolicy: toRetryPolicy({ preset: 'cdhosting', attempts_max: 6 }, 'cdhosting'),
});
const retryOf = (patch: NonNullable<WebhookPatch['retry']> | null) =>
  toPatched({ retry: patch }, current).retryPolicy;

test('headers and options are merged, null and lists replace', () => {
  assert.deepEqual(toPatched({ headers: { A: null, C: '3' } }, current).headers, {
    B: '2',
    C: '3',
  });
  assert.deepEqual(toPatched({ options: { x: 'y' } }, current).options, {
    signature_header: 'X-S',
    x: 'y',
  });
  assert.deepEqual(toPatched({ headers: null }, undefined).headers, {});
  assert.deepEqual(toPatched({ statuses: null, phases: ['pre'] }, undefined).filter, {
    types: [],
    statuses: [],
    phases: [1],
    subjects: [],
    attributes: [],
  });
});

test('a retry policy is merged; a preset and delays put each other away; null is the format’s', () => {
  assert.equal(retryOf({ jitter: 0.5 })?.preset, RetryPreset.RETRY_PRESET_CDHOSTING);
  assert.equal(retryOf({ jitter: 0.5 })?.attemptsMax, 6);
  assert.equal(retryOf({ attempts_max: null })?.attemptsMax, undefined);
  const own = retryOf({ delays_seconds: [1, 2] });
  assert.equal(own?.preset, RetryPreset.RETRY_PRESET_UNSPECIFIED);
  assert.deepEqual(own?.delays.map(durationToMs), [1000, 2000]);
  const other = Subscription.fromPartial({ ...current, retryPolicy: own });
  const preset = toPatched({ retry: { preset: 'none' } }, other).retryPolicy;
  assert.deepEqual([preset?.preset, preset?.delays], [RetryPreset.RETRY_PRESET_NONE, []]);
  assert.equal(retryOf(null)?.preset, RetryPreset.RETRY_PRESET_CDHOSTING);
});

test('credentials are replaced as a whole, or removed', () => {
  const auth = { basic: { username: 'u', password: 'p' } };
  assert.deepEqual(toPatched({ auth }, undefined).auth?.method, {
    $case: 'basic',
    value: { username: 'u', password: 'p' },
  });
  assert.equal(toPatched({ auth: null }, undefined).auth, undefined);
});

test('the mask names what the patch does, and only what is merged into is read', () => {
  const patch: WebhookPatch = { events: ['*'], retry: null, notification_emails: [], format: null };
  assert.deepEqual(maskOf(patch), [
    'filter.types',
    'retry_policy',
    'notification_emails',
    'format',
  ]);
  assert.equal(toPatched({ format: null }, undefined).format, 'cdhosting');
  assert.equal(needsCurrent({ events: ['*'], headers: null, description: 'x' }), false);
  assert.ok(needsCurrent({ retry: null }) && needsCurrent({ options: {} }));
});

test('fields of gRPC are named as REST names them', () => {
  for (const [grpc, rest] of [
    ['subscription.filter.types[0]', 'events[0]'],
    ['subscription.retry_policy.attempts_max', 'retry.attempts_max'],
    ['replay.events.subscription_id', 'webhook_id'],
    ['replay.events.start_time', 'from'],
    ['replay.deliveries_per_second', 'deliveries_per_second'],
    ['selection.filter.event_types[2]', 'filter.type[2]'],
    ['selection.ids.ids[1]', 'ids[1]'],
    ['filter.outcomes', 'outcome'],
    ['types[0]', 'type[0]'],
    ['typescript', 'typescript'],
    ['etag', 'If-Match'],
  ] as const) {
    assert.equal(restFieldOf(grpc), rest);
  }
});
