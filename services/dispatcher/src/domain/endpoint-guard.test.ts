import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  afterAttempt,
  atTime,
  type EndpointGuard,
  FAILURES_TO_OPEN,
  HELD_MS_MAX,
  initialGuard,
  type Observation,
  OPEN_MS_MAX,
  RATE_MIN,
} from './endpoint-guard.ts';

const seen = (given: Partial<Observation>): Observation => ({
  signal: 'well',
  startedAt: 0,
  now: 0,
  atLimit: true,
  limitMax: 64,
  ratePerSecond: 100,
  random: 0.5,
  ...given,
});

function repeat(guard: EndpointGuard, times: number, given: Partial<Observation>): EndpointGuard {
  let next = guard;
  for (let n = 0; n < times; n += 1) next = afterAttempt(next, seen(given));
  return next;
}

test('requests at once grow by one with each success up to the most, and only when they are needed', () => {
  assert.equal(initialGuard.limit, 8);
  assert.equal(repeat(initialGuard, 10, {}).limit, 18);
  assert.equal(repeat(initialGuard, 1_000, {}).limit, 64);
  assert.equal(repeat(initialGuard, 1_000, { atLimit: false }).limit, 8);
});

test('congestion halves them once for all that were under way, down to one; then they grow by one a round', () => {
  const full = { ...initialGuard, limit: 64 };
  const once = afterAttempt(full, seen({ signal: 'congested', startedAt: 0, now: 10 }));
  assert.equal(once.limit, 32);
  assert.equal(repeat(once, 5, { signal: 'congested', startedAt: 9, now: 11 }).limit, 32);
  assert.equal(afterAttempt(once, seen({ signal: 'congested', startedAt: 10, now: 20 })).limit, 16);
  assert.ok(Math.abs(repeat({ ...once, failures: 0 }, 32, { now: 30 }).limit - 33) < 0.5);
  const floor = { ...initialGuard, limit: 1 };
  assert.equal(afterAttempt(floor, seen({ signal: 'congested' })).limit, 1);
});

test('ten failures in a row of any kind open the breaker, nine and a success do not', () => {
  for (const signal of ['failing', 'congested', 'overloaded'] as const) {
    const nine = repeat(initialGuard, FAILURES_TO_OPEN - 1, { signal });
    assert.equal(nine.breaker, 'closed', signal);
    assert.equal(afterAttempt(nine, seen({ signal })).breaker, 'open', signal);
    const saved = afterAttempt(nine, seen({}));
    assert.equal(repeat(saved, FAILURES_TO_OPEN - 1, { signal }).breaker, 'closed', signal);
  }
  assert.equal(repeat(initialGuard, 50, { signal: 'throttling' }).breaker, 'closed');
  assert.equal(repeat(initialGuard, 50, { signal: 'nothing' }), initialGuard);
});

test('an open breaker is half open when its time is over, and each failed probe doubles that time', () => {
  let guard = repeat(initialGuard, FAILURES_TO_OPEN, { signal: 'failing' });
  const times: number[] = [];
  let now = 0;
  for (let probe = 0; probe < 8; probe += 1) {
    times.push(guard.heldUntil - now);
    assert.equal(atTime(guard, guard.heldUntil - 1).breaker, 'open');
    now = guard.heldUntil;
    guard = atTime(guard, now);
    assert.equal(guard.breaker, 'half_open');
    guard = afterAttempt(guard, seen({ signal: 'failing', startedAt: now, now }));
    assert.equal(guard.breaker, 'open');
  }
  assert.deepEqual(times, [
    2_000,
    4_000,
    8_000,
    16_000,
    32_000,
    OPEN_MS_MAX,
    OPEN_MS_MAX,
    OPEN_MS_MAX,
  ]);
});

test('the time that a breaker is open is spread by a fifth either way', () => {
  const openFor = (random: number) =>
    repeat(initialGuard, FAILURES_TO_OPEN, { signal: 'failing', random }).heldUntil;
  assert.deepEqual(
    [openFor(0), openFor(0.5), Math.round(openFor(0.999_999))],
    [1_600, 2_000, 2_400],
  );
});

test('a probe that succeeds closes it at one request at once, and it rises from there', () => {
  const open = repeat({ ...initialGuard, limit: 64 }, FAILURES_TO_OPEN, { signal: 'failing' });
  const now = open.heldUntil;
  const closed = afterAttempt(atTime(open, now), seen({ startedAt: now, now }));
  assert.deepEqual([closed.breaker, closed.limit, closed.failures], ['closed', 1, 0]);
  assert.equal(repeat(closed, 3, { now }).limit, 4);
  assert.equal(repeat(closed, 3, { now }).trips, 1, 'not recovered yet');
  assert.equal(repeat(closed, 7, { now }).trips, 0);
});

test('a probe that is throttled finds the endpoint alive', () => {
  const open = repeat(initialGuard, FAILURES_TO_OPEN, { signal: 'failing' });
  const now = open.heldUntil;
  const closed = afterAttempt(
    atTime(open, now),
    seen({ signal: 'throttling', startedAt: now, now }),
  );
  assert.deepEqual([closed.breaker, closed.limit], ['closed', 1]);
});

test('a failure of before the breaker opened is not that of its probe', () => {
  const open = repeat(initialGuard, FAILURES_TO_OPEN, { signal: 'congested' });
  const half = atTime(open, open.heldUntil);
  const late = seen({ signal: 'congested', startedAt: 0, now: open.heldUntil + 1 });
  assert.equal(afterAttempt(half, late), half);
});

test('throttling halves the rate down to a floor, and success brings it back until it is forgotten', () => {
  let guard = afterAttempt(initialGuard, seen({ signal: 'throttling', ratePerSecond: 100 }));
  assert.deepEqual([guard.rate, guard.limit], [50, 4]);
  for (let now = 1; now < 30; now += 1)
    guard = afterAttempt(guard, seen({ signal: 'throttling', startedAt: now, now }));
  assert.equal(guard.rate, RATE_MIN);
  const soon = afterAttempt(guard, seen({ now: 29 + 999 }));
  assert.equal(soon.rate, RATE_MIN, 'it rises once a second');
  for (let now = 2_000; now < 62_000; now += 1_000) guard = afterAttempt(guard, seen({ now }));
  assert.equal(guard.rate, undefined);
});

test('a Retry-After holds the endpoint back, for an hour at most', () => {
  const held = (retryAfterMs: number, signal: Observation['signal']) =>
    afterAttempt(initialGuard, seen({ signal, retryAfterMs, now: 5 })).heldUntil;
  assert.equal(held(7_000, 'throttling'), 7_005);
  assert.equal(held(7_000, 'overloaded'), 7_005);
  assert.equal(held(24 * HELD_MS_MAX, 'throttling'), 5 + HELD_MS_MAX);
});

test('a steady endpoint costs no object', () => {
  const steady = { ...initialGuard, limit: 64 };
  assert.equal(afterAttempt(steady, seen({})), steady);
});
