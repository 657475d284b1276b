import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGroupCommit } from './group-commit.ts';

/** A group commit that notes when each group began, and how large it was. */
function createFixture(options: { itemsMax: number; apartMs: number }) {
  const groups: { at: number; size: number }[] = [];
  const commit = createGroupCommit<number, number>({
    ...options,
    queuedMax: 1_000,
    async write(items) {
      groups.push({ at: performance.now(), size: items.length });
      return items;
    },
  });
  return { commit, groups };
}

test('groups begin apart, and what comes meanwhile is one of them', async () => {
  const { commit, groups } = createFixture({ itemsMax: 100, apartMs: 50 });
  await commit.submit(1);
  assert.deepEqual(await Promise.all([2, 3, 4].map(commit.submit)), [2, 3, 4]);
  await commit.submit(5);
  assert.deepEqual(
    groups.map((group) => group.size),
    [1, 3, 1],
  );
  for (const [index, group] of groups.slice(1).entries()) {
    const sinceMs = group.at - (groups[index]?.at ?? 0);
    assert.ok(sinceMs >= 48, `${sinceMs} ms apart`);
  }
});

test('a full group waits for nothing, and neither does a stop', async () => {
  const { commit, groups } = createFixture({ itemsMax: 2, apartMs: 60_000 });
  await Promise.all([1, 2, 3, 4].map(commit.submit));
  const last = commit.submit(5);
  await commit.stop();
  assert.equal(await last, 5);
  assert.deepEqual(
    groups.map((group) => group.size),
    [2, 2, 1],
  );
});
