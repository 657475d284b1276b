import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationFromMs, durationToMs, isValidDuration } from './grpc-duration.ts';

test('milliseconds survive the way to a Duration and back', () => {
  for (const ms of [0, 1, 100, 999, 1_000, 1_234.5, 604_800_000, -1_500]) {
    const duration = durationFromMs(ms);
    assert.equal(durationToMs(duration), ms);
    assert.ok(isValidDuration(duration));
  }
  assert.deepEqual(durationFromMs(1_234.5), { seconds: 1n, nanos: 234_500_000 });
  assert.deepEqual(durationFromMs(-1_500), { seconds: -1n, nanos: -500_000_000 });
});

test('a fraction just under a second rounds up into the seconds', () => {
  assert.deepEqual(durationFromMs(999.9999999), { seconds: 1n, nanos: 0 });
});

test('a Duration that breaks the rules of protobuf is not valid', () => {
  for (const duration of [
    { seconds: 315_576_000_001n, nanos: 0 },
    { seconds: -315_576_000_001n, nanos: 0 },
    { seconds: 1n, nanos: 1_000_000_000 },
    { seconds: 1n, nanos: -1 },
    { seconds: -1n, nanos: 1 },
  ]) {
    assert.equal(isValidDuration(duration), false);
  }
});
