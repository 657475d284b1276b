import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTokenBuckets } from './token-buckets.ts';

function world(entriesMax = 10) {
  const clock = { time: 0 };
  const buckets = createTokenBuckets({ entriesMax, now: () => clock.time });
  const takes = (key: string, perSecond: number, times: number) =>
    Array.from({ length: times }, () => buckets.take(key, perSecond).taken).filter(Boolean).length;
  return { clock, buckets, takes };
}

test('a bucket gives a second’s worth at once, then its rate, and is never fuller than a second', () => {
  const { clock, buckets, takes } = world();
  assert.equal(takes('a', 5, 20), 5);
  assert.deepEqual(buckets.take('a', 5), {
    taken: false,
    quota: 5,
    remaining: 0,
    fullInMs: 1000,
    tokenInMs: 200,
  });
  clock.time = 400;
  assert.equal(takes('a', 5, 20), 2);
  clock.time = 60_000;
  assert.equal(buckets.look('a', 5).remaining, 5);
  assert.equal(takes('a', 5, 20), 5);
});

test('a slow bucket holds two, and keys do not share', () => {
  const { clock, takes } = world();
  assert.equal(takes('a', 0.5, 5), 2);
  assert.equal(takes('b', 0.5, 5), 2);
  clock.time = 2_000;
  assert.equal(takes('a', 0.5, 5), 1);
});

test('a raised or lowered rate counts at once', () => {
  const { takes } = world();
  assert.equal(takes('a', 10, 5), 5);
  assert.equal(takes('a', 3, 10), 3);
});

test('memory is bounded: the bucket unused for longest is forgotten', () => {
  const { takes } = world(2);
  takes('a', 2, 2);
  takes('b', 2, 2);
  takes('a', 2, 1);
  takes('c', 2, 2);
  assert.equal(takes('a', 2, 1), 0, 'used lately, so kept, and empty');
  assert.equal(takes('b', 2, 1), 1, 'forgotten, so full');
});
