import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTailBuffer } from './tail-buffer.ts';

const item = (value: number) => ({ kind: 'item', item: value });

test('a slow reader gets what was kept, then how many were dropped, then what came after', () => {
  const buffer = createTailBuffer<number>(2);
  for (const value of [1, 2, 3, 4]) buffer.add(value);
  assert.deepEqual(buffer.take(), item(1));
  buffer.add(5);
  assert.deepEqual(buffer.take(), item(2));
  assert.deepEqual(buffer.take(), { kind: 'gap', dropped: 3 });
  assert.equal(buffer.take(), undefined);
  buffer.add(6);
  assert.deepEqual(buffer.take(), item(6));
});

test('a gap of unknown size is told once', () => {
  const buffer = createTailBuffer<number>(2);
  buffer.add(1);
  buffer.addGap();
  buffer.addGap();
  assert.deepEqual(
    [buffer.take(), buffer.take(), buffer.take()],
    [item(1), { kind: 'gap', dropped: 0 }, undefined],
  );
});
