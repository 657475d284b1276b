import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitConcurrency, shareRuns } from './limit-concurrency.ts';

test('no more calls run at once than are allowed, and a failure lets the next one in', async () => {
  const limited = limitConcurrency(2);
  let running = 0;
  let most = 0;
  const calls = Array.from({ length: 7 }, (_, n) =>
    limited(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (n === 3) throw new Error('on purpose');
      return n;
    }),
  );
  const settled = await Promise.allSettled(calls);
  assert.equal(most, 2);
  assert.deepEqual(
    settled.map((one) => (one.status === 'fulfilled' ? one.value : 'failed')),
    [0, 1, 2, 'failed', 4, 5, 6],
  );
});

test('who asks before a run begins shares it, who asks later gets a later one', async () => {
  let runs = 0;
  const gates: (() => void)[] = [];
  const share = shareRuns(async () => {
    runs += 1;
    const run = runs;
    await new Promise<void>((resolve) => gates.push(resolve));
    if (run === 2) throw new Error('on purpose');
    return run;
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const first = [share(), share()];
  await turn();
  const second = [share(), share()];
  gates.shift()?.();
  assert.deepEqual(await Promise.all(first), [1, 1]);
  await turn();
  const third = share();
  gates.shift()?.();
  for (const one of second) await assert.rejects(one, /on purpose/);
  await turn();
  gates.shift()?.();
  assert.equal(await third, 3);
});
