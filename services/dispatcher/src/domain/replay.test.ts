import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextStepAfterMs, STEP_MAX, stepSize } from './replay.ts';

const idle = { untried: 0, backlog: 0 };

test('a replay without a pace goes as fast as its bounds allow', () => {
  assert.equal(stepSize(idle, undefined), STEP_MAX);
  assert.equal(nextStepAfterMs(200, undefined), 0);
});

test('fresh events go first: what is untried or waits is a bound on what is handed over', () => {
  assert.equal(stepSize({ untried: 250, backlog: 250 }, undefined), 6);
  assert.ok(stepSize({ untried: 256, backlog: 256 }, undefined) <= 0);
  assert.equal(stepSize({ untried: 0, backlog: 9_990 }, undefined), 10);
  assert.ok(stepSize({ untried: 0, backlog: 20_000 }, 10_000) <= 0);
});

test('a pace is kept, whether many a second or one in ten', () => {
  for (const pace of [0.1, 1, 4, 100, 3_000]) {
    const size = stepSize(idle, pace);
    assert.ok(size >= 1 && size <= STEP_MAX);
    const perSecond = (size / nextStepAfterMs(size, pace)) * 1_000;
    assert.ok(Math.abs(perSecond - pace) < 1e-6, `${pace} became ${perSecond}`);
  }
});
