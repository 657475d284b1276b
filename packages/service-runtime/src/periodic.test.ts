import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createLogger } from '@hookline/telemetry';
import { createPeriodic } from './periodic.ts';

test('however often it is woken, runs begin so far apart, and the last waking has its run', async () => {
  const begun: number[] = [];
  const periodic = createPeriodic({
    name: 'test',
    intervalMs: 60_000,
    apartMs: 50,
    runOnce: async () => void begun.push(performance.now()),
    logger: createLogger({ service: 'test' }),
  });
  await periodic.start();
  while (begun.length < 4) {
    periodic.wake();
    await delay(1);
  }
  const woken = begun.length;
  periodic.wake();
  while (begun.length === woken) await delay(1);
  await periodic.stop();
  // Timers of Node go by the time at which their turn of the event loop began, and may be early by its length.
  for (const [index, at] of begun.slice(1).entries()) {
    assert.ok(at - (begun[index] as number) >= 25, `run ${index + 2}`);
  }
});
