import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '@hookline/telemetry';
import { createLifecycle } from './lifecycle.ts';
import { createPeriodic } from './periodic.ts';
import { retryUntil } from './retry-until.ts';

function collect() {
  const lines: string[] = [];
  const logger = createLogger({
    service: 'test',
    destination: { write: (line) => void lines.push(line) },
  });
  return { logger, lines };
}

test('start and stop are idempotent in any order of calls', async () => {
  const counts = { begun: 0, stopped: 0 };
  const make = () =>
    createLifecycle(async () => {
      counts.begun += 1;
      await new Promise(setImmediate);
      return () => {
        counts.stopped += 1;
      };
    });
  const one = make();
  await Promise.all([one.start(), one.start(), one.started, one.stop(), one.stop()]);
  assert.deepEqual(counts, { begun: 1, stopped: 1 });
  const other = make();
  await other.stop();
  await assert.rejects(other.start(), /stopped before/);
  assert.deepEqual(counts, { begun: 1, stopped: 1 });
});

test('stopping during the start aborts its signal, and a start that failed needs no stop', async () => {
  const lifecycle = createLifecycle(async (signal) => {
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    return () => assert.fail('nothing was started');
  });
  const starting = lifecycle.start();
  await lifecycle.stop();
  await assert.rejects(starting, /stopped/);
});

test('a start and stop in every interleaving of microtasks leaves nothing running', async () => {
  for (let round = 0; round < 200; round += 1) {
    let running = 0;
    const lifecycle = createLifecycle(async () => {
      for (let step = 0; step < round % 5; step += 1) await undefined;
      running += 1;
      return async () => {
        await undefined;
        running -= 1;
      };
    });
    lifecycle.start().catch(() => {});
    for (let step = 0; step < round % 7; step += 1) await undefined;
    await Promise.all([lifecycle.stop(), lifecycle.stop()]);
    assert.equal(running, 0);
  }
});

test('a periodic task runs one at a time, survives failures, and is woken', async () => {
  const { logger, lines } = collect();
  let runs = 0;
  const third = Promise.withResolvers<void>();
  const periodic = createPeriodic({
    name: 'the sweep',
    intervalMs: 60_000,
    logger,
    async runOnce() {
      runs += 1;
      if (runs === 1) return true;
      if (runs === 2) queueMicrotask(() => setImmediate(() => periodic.wake()));
      if (runs === 2) throw new Error('no connection');
      third.resolve();
      return false;
    },
  });
  await periodic.start();
  await third.promise;
  await periodic.stop();
  assert.equal(runs, 3);
  assert.match(lines.join(), /the sweep failed: no connection/);
});

test('waiting says once what for and how to mend it, and that it is there', async () => {
  const { logger, lines } = collect();
  let attempts = 0;
  const result = await retryUntil({
    what: 'Postgres at 127.0.0.1:5433',
    mend: 'start it, or set HOOKLINE_POSTGRES_URL',
    signal: new AbortController().signal,
    logger,
    firstDelayMs: 1,
    async attempt() {
      attempts += 1;
      if (attempts < 4) throw new AggregateError([new Error('refused'), new Error('refused')]);
      return 'connected';
    },
  });
  assert.equal(result, 'connected');
  const messages = lines.map((line) => JSON.parse(line).msg);
  assert.deepEqual(messages, [
    'waiting for Postgres at 127.0.0.1:5433 (refused): start it, or set HOOKLINE_POSTGRES_URL',
    'Postgres at 127.0.0.1:5433 is there',
  ]);
});

test('waiting ends when it is called off, and at an error that no waiting mends', async () => {
  const { logger } = collect();
  const abort = new AbortController();
  const options = { what: 'x', mend: 'y', logger, signal: abort.signal };
  const attempt = async () => {
    throw new Error('schema too new');
  };
  await assert.rejects(retryUntil({ ...options, attempt, isFatal: () => true }), /too new/);
  const waiting = retryUntil({ ...options, attempt });
  abort.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
});
