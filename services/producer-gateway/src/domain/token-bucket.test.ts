import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createTokenBucket } from './token-bucket.ts';

describe('a token bucket', () => {
  test('allows two seconds’ worth at once, then what comes in', () => {
    const bucket = createTokenBucket(10, 1_000);
    assert.equal(bucket.available(1_000), 20);
    bucket.take(20, 1_000);
    assert.equal(bucket.waitMs(1, 1_000), 100);
    assert.equal(bucket.waitMs(1, 1_050), 50);
    assert.equal(bucket.waitMs(1, 1_100), 0);
    assert.equal(bucket.available(1_500), 5);
    assert.equal(bucket.available(60_000), 20);
  });

  test('what is more than the burst waits for a full bucket, and leaves a debt', () => {
    const bucket = createTokenBucket(10, 0);
    assert.equal(bucket.waitMs(500, 0), 0);
    bucket.take(500, 0);
    assert.equal(bucket.available(0), -480);
    assert.equal(bucket.waitMs(1, 0), 48_100);
  });

  test('a rate below one a second has a burst of one', () => {
    const bucket = createTokenBucket(0.1, 0);
    assert.equal(bucket.burst, 1);
    bucket.take(1, 0);
    assert.equal(bucket.waitMs(1, 0), 10_000);
  });

  test('a clock that goes back gives nothing away', () => {
    const bucket = createTokenBucket(10, 10_000);
    bucket.take(20, 10_000);
    assert.equal(bucket.available(5_000), 0);
    assert.equal(bucket.available(10_100), 1);
  });
});
