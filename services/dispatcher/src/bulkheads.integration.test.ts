import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, startReceiver } from '@hookline/testing';
import { startTestDispatchers, type TestDispatchers } from './test-dispatcher.ts';

let world: TestDispatchers;
before(async () => {
  world = await startTestDispatchers();
  await world.startDispatcher();
  await world.startDispatcher();
});
after(async () => {
  await world[Symbol.asyncDispose]();
});

async function backlogOf(subscriptionId: string) {
  const { rows } = await world.database.pool.query<{
    waiting: bigint;
    held: boolean;
    probing: boolean;
  }>(
    `SELECT waiting, coalesce(blocked_until > now(), false) AS held, probing
     FROM hookline.backlog WHERE subscription_id = $1`,
    [subscriptionId],
  );
  return rows[0] ?? { waiting: 0n, held: false, probing: false };
}

async function publish(type: string, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await world.publish(type);
}

test('P1, P4: a dead endpoint is held back in one row, is probed by one request, and gets all when it is back', async (t) => {
  const receiver = await startReceiver({ respond: 500 });
  t.after(receiver.stop);
  const retryPolicy = { delaysMs: Array.from({ length: 20 }, () => 100) };
  const { subscriptionId } = await world.subscribe({
    url: receiver.url,
    type: 'server.created',
    retryPolicy,
  });
  await publish('server.created', 30);
  await eventually(async () => {
    const backlog = await backlogOf(subscriptionId);
    assert.ok(backlog.held && backlog.probing && backlog.waiting === 30n);
  });
  const sent = receiver.received();
  assert.ok(sent >= 10 && sent < 200, `${sent} requests before it was held back`);
  receiver.respondWith(200);
  await eventually(async () => assert.equal((await backlogOf(subscriptionId)).waiting, 0n), {
    timeoutMs: 30_000,
  });
  const succeeded = await world.database.pool.query(
    `SELECT DISTINCT delivery_id FROM hookline.attempt_log
     WHERE subscription_id = $1 AND outcome = 'succeeded'`,
    [subscriptionId],
  );
  assert.equal(succeeded.rowCount, 30);
  const { held, probing } = await backlogOf(subscriptionId);
  assert.deepEqual([held, probing], [false, false]);
});

test('P1: no more than the rate limit goes out, over two dispatchers, and the rest follows in time', async (t) => {
  const receiver = await startReceiver();
  t.after(receiver.stop);
  const { subscriptionId } = await world.subscribe({
    url: receiver.url,
    type: 'server.deleted',
    rateLimit: { requestsPerSecond: 10, burst: 4 },
  });
  await publish('server.deleted', 24);
  const requests = await receiver.waitFor(24, 15_000);
  const first = requests[0]?.receivedAt.getTime() ?? 0;
  const last = requests.at(-1)?.receivedAt.getTime() ?? 0;
  // Of the 24 a burst of 4 is free, so that 20 take two seconds.
  assert.ok(last - first > 1_700, `24 requests within ${last - first} ms`);
  for (const { receivedAt } of requests) {
    const from = receivedAt.getTime();
    const within = requests.filter(({ receivedAt: at }) => {
      return at.getTime() >= from && at.getTime() < from + 1_000;
    });
    assert.ok(within.length <= 10 + 4 + 2, `${within.length} requests in a second`);
  }
  await eventually(async () => assert.equal((await backlogOf(subscriptionId)).waiting, 0n));
});

test('a Retry-After of 429 holds the whole endpoint back, and then everything arrives', async (t) => {
  const receiver = await startReceiver({
    respond: [{ kind: 'respond', status: 429, headers: { 'retry-after': '2' } }, 200],
  });
  t.after(receiver.stop);
  const { subscriptionId } = await world.subscribe({
    url: receiver.url,
    type: 'server.suspended',
    retryPolicy: { delaysMs: [100, 100, 100] },
  });
  await world.publish('server.suspended');
  await eventually(async () => assert.ok((await backlogOf(subscriptionId)).held));
  await publish('server.suspended', 4);
  const requests = await receiver.waitFor(6, 15_000);
  const times = requests.map(({ receivedAt }) => receivedAt.getTime());
  const sinceFirst = times.map((at) => at - (times[0] as number));
  // The other dispatcher may have sent what it had begun before it read of the hold.
  const held = sinceFirst.filter((ms) => ms >= 1_900).length;
  assert.ok(held >= 1 + 2, `after the 429 they came at ${sinceFirst.join(', ')} ms`);
});

test('what the dispatchers know of an endpoint is written down for its health', async (t) => {
  const receiver = await startReceiver({ respond: 500 });
  t.after(receiver.stop);
  const { subscriptionId } = await world.subscribe({
    url: receiver.url,
    type: 'server.renamed',
    retryPolicy: { delaysMs: Array.from({ length: 20 }, () => 100) },
  });
  await publish('server.renamed', 20);
  await eventually(
    async () => {
      const { rows } = await world.database.pool.query(
        'SELECT breaker FROM hookline.endpoint_state WHERE subscription_id = $1',
        [subscriptionId],
      );
      assert.ok(rows.some((row) => row.breaker === 'open'));
    },
    { timeoutMs: 15_000 },
  );
});
