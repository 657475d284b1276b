import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkRetryPolicy, type RetryPolicy, resolveRetryPolicy } from './retry-policy.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test('standard waits 5 s to 24 h in ten attempts, varied by 20 %', () => {
  const { delaysMs, ...rest } = resolveRetryPolicy({});
  assert.deepEqual(rest, { preset: 'standard', jitter: 0.2, attemptsMax: 10, disable: true });
  assert.deepEqual(
    delaysMs.map((ms) => ms / 1_000),
    [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400],
  );
});

test('cdhosting makes five attempts at exact times, and a sixth after 24 h when asked', () => {
  const five = resolveRetryPolicy({ preset: 'cdhosting' });
  assert.deepEqual(five, {
    preset: 'cdhosting',
    delaysMs: [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR],
    jitter: 0,
    attemptsMax: 5,
    disable: true,
  });
  const six = resolveRetryPolicy({ preset: 'cdhosting', attemptsMax: 6 });
  assert.deepEqual(six.delaysMs, [...five.delaysMs, 24 * HOUR]);
  assert.equal(six.attemptsMax, 6);
});

test('none makes one attempt and disables nothing', () => {
  assert.deepEqual(resolveRetryPolicy({ preset: 'none' }), {
    preset: 'none',
    delaysMs: [],
    jitter: 0,
    attemptsMax: 1,
    disable: false,
  });
});

test('own delays keep to themselves: no jitter, no disabling; attempts_max cuts or repeats the last', () => {
  const delaysMs = [100, 200];
  assert.deepEqual(resolveRetryPolicy({ delaysMs }), {
    delaysMs,
    jitter: 0,
    attemptsMax: 3,
    disable: false,
  });
  assert.deepEqual(resolveRetryPolicy({ delaysMs, attemptsMax: 2 }).delaysMs, [100]);
  assert.deepEqual(resolveRetryPolicy({ delaysMs, attemptsMax: 5 }).delaysMs, [100, 200, 200, 200]);
  assert.equal(resolveRetryPolicy({ delaysMs, jitter: 0.5, disable: true }).jitter, 0.5);
});

test('each fault of a policy names its field', () => {
  const fieldsOf = (policy: RetryPolicy) => checkRetryPolicy(policy).map(({ field }) => field);
  assert.deepEqual(fieldsOf({ preset: 'standard', delaysMs: [100] }), ['retry_policy']);
  assert.deepEqual(fieldsOf({ delaysMs: [99, 100, 7 * 24 * HOUR, 7 * 24 * HOUR + 1] }), [
    'retry_policy.delays[0]',
    'retry_policy.delays[3]',
  ]);
  assert.deepEqual(fieldsOf({ delaysMs: Array(31).fill(100) }), ['retry_policy.delays']);
  assert.deepEqual(fieldsOf({ delaysMs: Array(30).fill(100) }), []);
  for (const jitter of [-0.1, 1.1, Number.NaN]) {
    assert.deepEqual(fieldsOf({ jitter }), ['retry_policy.jitter']);
  }
  for (const attemptsMax of [0, 32, 1.5]) {
    assert.deepEqual(fieldsOf({ attemptsMax }), ['retry_policy.attempts_max']);
  }
  assert.deepEqual(fieldsOf({ preset: 'none', attemptsMax: 2 }), ['retry_policy.attempts_max']);
  assert.deepEqual(fieldsOf({ preset: 'cdhosting', attemptsMax: 31, jitter: 1 }), []);
});
