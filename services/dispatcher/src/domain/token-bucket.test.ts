import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketLimit, filled, fullBucket, untilToken } from './token-bucket.ts';

test('a bucket begins full, fills at its rate, and never holds more than its burst', () => {
  const limit = bucketLimit({ requestsPerSecond: 10, burst: 5 }, 1);
  const full = fullBucket(limit, 0);
  assert.equal(full.tokens, 5);
  const empty = { tokens: 0, filledAt: 0 };
  assert.equal(filled(empty, limit, 100).tokens, 1);
  assert.equal(filled(empty, limit, 60_000).tokens, 5);
  assert.equal(filled(filled(empty, limit, 50), limit, 100).tokens, 1);
});

test('without a burst a second of the rate gathers, and at least one token', () => {
  assert.equal(bucketLimit({ requestsPerSecond: 50 }, 1).burst, 50);
  assert.equal(bucketLimit({ requestsPerSecond: 0.01 }, 1).burst, 1);
  assert.equal(bucketLimit({ requestsPerSecond: 1_000, burst: 1 }, 1).burst, 100);
});

test('n dispatchers have an n-th each', () => {
  assert.deepEqual(bucketLimit({ requestsPerSecond: 12, burst: 6 }, 3), { rate: 4, burst: 2 });
  assert.deepEqual(bucketLimit({ requestsPerSecond: 1 }, 4), { rate: 0.25, burst: 1 });
});

test('it tells how long until there is a token', () => {
  const limit = bucketLimit({ requestsPerSecond: 2 }, 1);
  assert.equal(untilToken({ tokens: 1, filledAt: 0 }, limit), 0);
  assert.equal(untilToken({ tokens: 0.5, filledAt: 0 }, limit), 250);
});
