import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBulkheads, type EndpointSettings } from './bulkheads.ts';

/** Bulkheads on a clock of the test's own. */
function createFixture(settings: Partial<EndpointSettings> = {}) {
  const clock = { ms: 1_000_000 };
  const known = { epoch: 1, ...settings };
  const events: string[] = [];
  const bulkheads = createBulkheads({
    limitMax: 64,
    subscription: () => ({ ...known }),
    onHeld: (id) => events.push(`held ${id}`),
    onFreed: (id) => events.push(`freed ${id}`),
    random: () => 0.5,
    now: () => clock.ms,
  });
  function attempt(id: string, signal: 'well' | 'failing' | 'throttling', retryAfterMs?: number) {
    if (!bulkheads.admit(id)) return false;
    const retry = retryAfterMs === undefined ? {} : { retryAfterMs };
    bulkheads.observe(id, { signal, durationMs: 0, ...retry });
    bulkheads.finished(id);
    return true;
  }
  return { bulkheads, clock, events, known, attempt };
}

test('P4: an endpoint that fails ten times is held back and no other is; one probe at a time lets it go', () => {
  const { bulkheads, clock, events, attempt } = createFixture();
  for (let n = 0; n < 10; n += 1) assert.ok(attempt('bad', 'failing'));
  assert.deepEqual(events, ['held bad']);
  assert.equal(bulkheads.admit('bad'), false);
  assert.deepEqual([bulkheads.room('bad'), bulkheads.limit('bad')], [0, 0]);
  assert.equal(bulkheads.room('good'), 8);
  assert.deepEqual(bulkheads.closedNow().ids, ['bad']);
  assert.deepEqual(bulkheads.count(), { closed: 1, open: 1, half_open: 0 });

  clock.ms += 2_000;
  assert.equal(bulkheads.room('bad'), 1);
  assert.ok(bulkheads.admit('bad'));
  assert.equal(bulkheads.admit('bad'), false, 'one probe');
  assert.equal(bulkheads.room('bad'), 0);
  bulkheads.observe('bad', { signal: 'well', durationMs: 0 });
  bulkheads.finished('bad');
  assert.deepEqual(events, ['held bad', 'freed bad']);
  assert.equal(bulkheads.room('bad'), 1);
});

test('a probe that was never sent makes way for the next', () => {
  const { bulkheads, clock, attempt } = createFixture();
  for (let n = 0; n < 10; n += 1) attempt('bad', 'failing');
  clock.ms += 2_000;
  assert.ok(bulkheads.admit('bad'));
  bulkheads.giveBack('bad');
  assert.ok(bulkheads.admit('bad'));
  bulkheads.finished('bad');
  assert.ok(bulkheads.admit('bad'));
});

test('a breaker that another dispatcher opened is half open here', () => {
  const { bulkheads, events } = createFixture();
  bulkheads.adoptProbe('bad');
  assert.ok(bulkheads.admit('bad'));
  assert.equal(bulkheads.admit('bad'), false);
  bulkheads.observe('bad', { signal: 'failing', durationMs: 0 });
  bulkheads.finished('bad');
  assert.deepEqual(events, ['held bad']);
});

test('a Retry-After holds the endpoint back until then', () => {
  const { bulkheads, clock, events, attempt } = createFixture();
  attempt('busy', 'throttling', 30_000);
  assert.deepEqual(events, ['held busy']);
  assert.equal(bulkheads.state('busy')?.heldForMs, 30_000);
  clock.ms += 29_999;
  assert.equal(attempt('busy', 'well'), false);
  clock.ms += 1;
  assert.equal(attempt('busy', 'well'), true);
});

test('no more than the rate is let in, what never ran does not count, and dispatchers share it', () => {
  const { bulkheads, clock } = createFixture({ rateLimit: { requestsPerSecond: 10, burst: 4 } });
  const admitAll = () => {
    let admitted = 0;
    while (bulkheads.admit('e')) admitted += 1;
    for (let n = 0; n < admitted; n += 1) bulkheads.finished('e');
    return admitted;
  };
  assert.equal(admitAll(), 4);
  assert.deepEqual(bulkheads.closedNow(), { ids: ['e'], openInMs: 100 });
  clock.ms += 100;
  assert.deepEqual([bulkheads.room('e'), admitAll()], [1, 1]);
  clock.ms += 100;
  assert.ok(bulkheads.admit('e'));
  bulkheads.giveBack('e');
  assert.ok(bulkheads.admit('e'));
  bulkheads.finished('e');
  bulkheads.shareAmong(2);
  clock.ms += 60_000;
  assert.equal(admitAll(), 2);
  assert.equal(bulkheads.state('e')?.rate, 5);
});

test('a changed subscription starts afresh', () => {
  const { bulkheads, events, known, attempt } = createFixture();
  for (let n = 0; n < 10; n += 1) attempt('bad', 'failing');
  Object.assign(known, { epoch: 2 });
  assert.ok(bulkheads.admit('bad'));
  assert.deepEqual(events, ['held bad', 'freed bad']);
  assert.equal(bulkheads.state('bad')?.breaker, 'closed');
});

test('changes are told once, and an endpoint that is not used is forgotten', () => {
  const { bulkheads, clock, attempt } = createFixture();
  assert.ok(attempt('quiet', 'well'));
  assert.deepEqual(bulkheads.takeChanged(), []);
  for (let n = 0; n < 10; n += 1) attempt('bad', 'failing');
  assert.deepEqual(bulkheads.takeChanged(), ['bad']);
  assert.deepEqual(bulkheads.takeChanged(), []);
  clock.ms += 61_000;
  assert.deepEqual(bulkheads.takeChanged(), []);
  assert.equal(bulkheads.state('quiet'), undefined);
  assert.equal(bulkheads.state('bad')?.breaker, 'half_open');
  clock.ms += 600_000;
  assert.deepEqual(bulkheads.takeChanged(), ['bad']);
  assert.equal(bulkheads.state('bad'), undefined);
});
