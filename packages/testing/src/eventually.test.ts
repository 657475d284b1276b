import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './eventually.ts';

test('returns what the assertion returns once it holds', async () => {
  let tries = 0;
  const result = await eventually(
    () => {
      tries += 1;
      assert.ok(tries >= 3);
      return tries;
    },
    { intervalMs: 1 },
  );
  assert.equal(result, 3);
});

test("throws the assertion's own error when time is up", async () => {
  await assert.rejects(
    eventually(() => assert.equal(1, 2), { timeoutMs: 10, intervalMs: 1 }),
    { name: 'AssertionError', expected: 2 },
  );
});
