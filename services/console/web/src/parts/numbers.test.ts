import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duration, percent } from './numbers.ts';

test('a share is 100 % only of all, and 0 % only of none', () => {
  assert.equal(percent(10, 10), '100 %');
  assert.equal(percent(99_999, 100_000), '99.9 %');
  assert.equal(percent(1, 100_000), '0.1 %');
  assert.equal(percent(0, 10), '0 %');
  assert.equal(percent(1, 3), '33.3 %');
  assert.equal(percent(0, 0), '–');
});

test('times are read in the unit that fits them', () => {
  assert.equal(duration(1.234), '1.2 ms');
  assert.equal(duration(41.7), '42 ms');
  assert.equal(duration(15_000), '15.0 s');
  assert.equal(duration(null), '–');
});
