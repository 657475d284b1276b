import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSeenEvents } from './seen-events.ts';

const event = (position: number, seconds: number) => ({
  id: `evt_${position}`,
  position: BigInt(position),
  acceptTime: new Date(seconds * 1_000),
});
const positions = (events: readonly { position: bigint }[]) =>
  events.map(({ position }) => Number(position));

test('each event is taken once, in the order of the log', () => {
  const seen = createSeenEvents();
  assert.deepEqual(positions(seen.take([event(3, 100), event(1, 100), event(2, 100)])), [1, 2, 3]);
  assert.deepEqual(positions(seen.take([event(4, 101), event(3, 100)])), [4]);
  assert.equal(seen.isSeen('evt_1'), true);
});

test('a look reaches back for what is committed late, and not before the beginning', () => {
  const seen = createSeenEvents();
  assert.equal(seen.from(), undefined);
  seen.take([event(9, 100)]);
  assert.equal(seen.from()?.getTime(), 90_000);
  assert.deepEqual(positions(seen.take([event(8, 99)])), [8], 'late, and not missed');
  const since = createSeenEvents(new Date(95_000));
  assert.equal(since.from()?.getTime(), 95_000);
  since.take([event(9, 100)]);
  assert.equal(since.from()?.getTime(), 95_000);
});

test('what is remembered is bounded', () => {
  const seen = createSeenEvents();
  seen.take(Array.from({ length: 25_000 }, (_, index) => event(index, 100)));
  assert.equal(seen.isSeen('evt_0'), false);
  assert.equal(seen.isSeen('evt_24999'), true);
});
