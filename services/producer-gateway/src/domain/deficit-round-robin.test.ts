import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFairComposer, type FairQueue } from './deficit-round-robin.ts';

interface Item {
  readonly of: string;
  readonly cost: number;
}

function queueOf(name: string, costs: readonly number[], may = () => true): FairQueue<Item> {
  const items = costs.map((cost): Item => ({ of: name, cost }));
  return { name, peek: () => items[0], shift: () => items.shift(), mayGive: may };
}

const ones = (count: number) => Array.from({ length: count }, () => 1);
const upTo = (count: number) => (_: Item, taken: readonly Item[]) => taken.length < count;
const shares = (items: readonly Item[]) => {
  const counted: Record<string, number> = {};
  for (const { of } of items) counted[of] = (counted[of] ?? 0) + 1;
  return counted;
};
const composer = (quantum: number) =>
  createFairComposer<Item>({ costOf: ({ cost }) => cost, quantum });

describe('composing a batch over queues', () => {
  test('a deep queue gets an equal share while others wait, and the rest when they are empty', () => {
    const queues = [queueOf('deep', ones(1_000)), queueOf('b', ones(50)), queueOf('c', ones(10))];
    const compose = composer(16);
    assert.deepEqual(shares(compose(queues, upTo(42))), { deep: 16, b: 16, c: 10 });
    assert.deepEqual(shares(compose(queues, upTo(100))), { deep: 66, b: 34 });
  });

  test('a queue alone fills the batch', () => {
    assert.equal(composer(16)([queueOf('a', ones(900))], upTo(500)).length, 500);
  });

  test('a turn that the end of a batch cut short goes on in the next one', () => {
    const queues = ['a', 'b', 'c'].map((name) => queueOf(name, ones(100)));
    const compose = composer(10);
    const taken = Array.from({ length: 12 }, () => compose(queues, upTo(5))).flat();
    assert.deepEqual(shares(taken), { a: 20, b: 20, c: 20 });
  });

  test('what costs more than a quantum is taken after some turns, and its order is kept', () => {
    const queues = [queueOf('large', [25, 1]), queueOf('small', ones(100))];
    const taken = composer(10)(queues, upTo(200));
    assert.deepEqual(shares(taken.slice(0, 22)), { small: 20, large: 2 });
    assert.deepEqual(
      taken.filter(({ of }) => of === 'large').map(({ cost }) => cost),
      [25, 1],
    );
  });

  test('a queue that may give no more is left, and others are taken from', () => {
    let tokens = 3;
    const held = queueOf('held', ones(10), () => tokens > 0);
    const shift = () => {
      tokens -= 1;
      return held.shift();
    };
    const counted = { ...held, shift };
    const taken = composer(16)([counted, queueOf('free', ones(20))], upTo(500));
    assert.deepEqual(shares(taken), { held: 3, free: 20 });
  });

  test('nothing to take is an empty batch', () => {
    assert.deepEqual(composer(16)([queueOf('a', [])], upTo(500)), []);
    assert.deepEqual(composer(16)([], upTo(500)), []);
  });
});
