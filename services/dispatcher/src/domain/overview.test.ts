import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countsOf, eventsOf } from './overview.ts';

const minute = { startMs: 60_000, endMs: 120_000 };

test('a stretch with fewer attempts than are looked at is counted, not estimated', () => {
  const sample = { attempts: 399, succeeded: 390, oldestMs: 61_000 };
  assert.deepEqual(countsOf(sample, minute, 400), {
    attempts: 399,
    succeeded: 390,
    isEstimate: false,
  });
});

test('of a full sample the rest of its stretch is estimated by its rate, and called so', () => {
  const sample = { attempts: 400, succeeded: 300, oldestMs: 105_000 };
  assert.deepEqual(countsOf(sample, minute, 400), {
    attempts: 1_600,
    succeeded: 1_200,
    isEstimate: true,
  });
});

test('a full sample that came at one moment makes no endless number', () => {
  const sample = { attempts: 400, succeeded: 400, oldestMs: 120_000 };
  assert.equal(countsOf(sample, minute, 400).attempts, 400 * 60_000);
});

test('events that were not counted are estimated by the rate of those that were', () => {
  assert.equal(eventsOf(12, minute, undefined), 12);
  assert.equal(eventsOf(20_000, minute, 90_000), 40_000);
});
