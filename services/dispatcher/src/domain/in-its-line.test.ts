import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from './delivery.ts';
import { inItsLine } from './in-its-line.ts';

const ordering = 'per_server' as const;
const blocking = { ordering, options: { on_exhausted: 'block' } };
const exhausted: Decision = { kind: 'dead', cause: 'timeout' };

test('P7: an exhausted head blocks its line where the subscription asks for it, else it is given up', () => {
  assert.deepEqual(inItsLine({ ordered: true, subscription: blocking }, exhausted), {
    kind: 'blocked',
    cause: 'timeout',
  });
  for (const options of [{}, { on_exhausted: 'continue' }]) {
    const subscription = { ordering, options };
    assert.deepEqual(inItsLine({ ordered: true, subscription }, exhausted), exhausted);
  }
});

test('what is not of a line blocks nothing', () => {
  assert.deepEqual(inItsLine({ subscription: blocking }, exhausted), exhausted);
  const unordered = { ...blocking, ordering: 'none' as const };
  assert.deepEqual(inItsLine({ ordered: true, subscription: unordered }, exhausted), exhausted);
});

test('a head that cannot be sent any more is given up, whatever the option says', () => {
  for (const cause of ['expired', 'gone'] as const) {
    const dead: Decision = { kind: 'dead', cause };
    assert.deepEqual(inItsLine({ ordered: true, subscription: blocking }, dead), dead);
  }
});

test('other decisions stay as they are', () => {
  for (const decision of [
    { kind: 'succeeded' },
    { kind: 'retry', dueAt: new Date(0) },
  ] satisfies Decision[]) {
    assert.deepEqual(inItsLine({ ordered: true, subscription: blocking }, decision), decision);
  }
});
