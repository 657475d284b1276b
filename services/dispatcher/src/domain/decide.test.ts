import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveRetryPolicy } from '@hookline/subscriptions';
import { decide } from './decide.ts';
import type { AttemptResult } from './delivery.ts';

const endedAt = new Date('2026-01-01T00:00:00Z');
const failed: AttemptResult = { outcome: 'http_error', httpStatus: 500, durationMs: 1 };
const cdhosting = resolveRetryPolicy({ preset: 'cdhosting' });
const standard = resolveRetryPolicy({ preset: 'standard' });
const waitMs = (decision: ReturnType<typeof decide>) =>
  decision.kind === 'retry' ? decision.dueAt.getTime() - endedAt.getTime() : decision.kind;

test('the preset cdhosting waits 1 m, 5 m, 30 m and 2 h, and the fifth failure is the end', () => {
  const waits = [0, 1, 2, 3, 4].map((attemptsBefore) =>
    waitMs(decide({ policy: cdhosting, result: failed, attemptsBefore, endedAt, random: 0.9 })),
  );
  assert.deepEqual(waits, [60_000, 300_000, 1_800_000, 7_200_000, 'dead']);
});

test('the preset standard makes ten attempts, each delay within 20 % of its schedule', () => {
  const delays = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
  for (const [attemptsBefore, seconds] of delays.entries()) {
    for (const random of [0, 0.5, 0.999]) {
      const wait = waitMs(
        decide({ policy: standard, result: failed, attemptsBefore, endedAt, random }),
      );
      assert.ok(typeof wait === 'number');
      assert.ok(wait >= seconds * 800 && wait <= seconds * 1200, `${wait} for ${seconds} s`);
    }
  }
  assert.equal(
    waitMs(decide({ policy: standard, result: failed, attemptsBefore: 9, endedAt, random: 0 })),
    'dead',
  );
});

test('the preset none makes one attempt', () => {
  const policy = resolveRetryPolicy({ preset: 'none' });
  assert.equal(
    waitMs(decide({ policy, result: failed, attemptsBefore: 0, endedAt, random: 0 })),
    'dead',
  );
});

test('a Retry-After pushes the next attempt later and never earlier', () => {
  const input = { policy: cdhosting, attemptsBefore: 0, endedAt, random: 0 };
  const asked = (retryAfterMs: number) =>
    waitMs(decide({ ...input, result: { ...failed, outcome: 'throttled', retryAfterMs } }));
  assert.equal(asked(3_600_000), 3_600_000);
  assert.equal(asked(1000), 60_000);
});

test('410 ends the delivery at once, and an unknown outcome is repeated without being counted', () => {
  const input = { policy: standard, attemptsBefore: 0, endedAt, random: 0 };
  assert.deepEqual(decide({ ...input, result: { ...failed, outcome: 'gone' } }), {
    kind: 'dead',
    cause: 'gone',
  });
  assert.equal(waitMs(decide({ ...input, result: { ...failed, outcome: 'unknown' } })), 0);
});
