import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deliveryId } from '@hookline/contracts';
import { createLineWitness, eventually, startReceiver } from '@hookline/testing';
import { startTestDispatchers, type TestDispatchers } from './test-dispatcher.ts';

let world: TestDispatchers;
before(async () => {
  world = await startTestDispatchers();
  await Promise.all([world.startDispatcher(), world.startDispatcher()]);
});
after(async () => {
  await world[Symbol.asyncDispose]();
});

type Receiver = Awaited<ReturnType<typeof startReceiver>>;
const sequencesAt = ({ requests }: Receiver) =>
  requests.map(({ headers }) => Number(headers['hookline-sequence']));

const ordered = { ordering: 'per_server' } as const;

async function rowsOf(subscriptionId: string) {
  const { rows } = await world.database.pool.query<{
    readonly sequence: bigint;
    readonly held: boolean;
    readonly waits: boolean;
    readonly attempts_count: number;
  }>(
    `SELECT sequence, held, due_at = 'infinity' AS waits, attempts_count FROM hookline.schedule
     WHERE subscription_id = $1 ORDER BY sequence`,
    [subscriptionId],
  );
  return rows;
}

test('P7, P1: two dispatchers and a receiver that fails one request in ten: no inversion, none lost', async () => {
  const witness = createLineWitness();
  let requests = 0;
  const receiver = await startReceiver({
    requestsMax: 1,
    respond: ({ headers, body }) => {
      const { subject } = JSON.parse(body.toString()) as { readonly subject: string };
      witness.see(subject, Number(headers['hookline-sequence']));
      requests += 1;
      return requests % 10 === 0 ? 500 : 200;
    },
  });
  const { subscriptionId } = await world.subscribe({
    url: receiver.url,
    type: 'line.busy',
    retryPolicy: { delaysMs: [100, 100, 100, 100, 100] },
    ...ordered,
  });
  const servers = Array.from({ length: 20 }, (_, index) => `srv_busy_${index}`);
  const each = 12;
  const accepted = [];
  for (let round = 0; round < each; round += 1) {
    accepted.push(...(await world.accept('line.busy', servers)));
  }
  // Small messages out of their order, so that both dispatchers settle events of every line.
  const messages = [];
  for (let at = 0; at < accepted.length; at += 7) messages.push(accepted.slice(at, at + 7));
  await Promise.all(messages.reverse().map((message) => world.send(message)));
  await eventually(() => assert.equal(witness.seen(), servers.length * each), {
    timeoutMs: 30_000,
  });
  assert.deepEqual(witness.inversions(), []);
  assert.deepEqual(witness.missing(servers, each), []);
  await eventually(async () => assert.deepEqual(await rowsOf(subscriptionId), []));
  await receiver.stop();
});

test('P7: an event waits while an earlier one of its server is not settled yet, and goes on at once then', async () => {
  const receiver = await startReceiver();
  const { subscriptionId } = await world.subscribe({
    url: receiver.url,
    type: 'line.early.*',
    ...ordered,
  });
  const [other] = await world.accept('line.early_other', ['srv_early']);
  const [first] = await world.accept('line.early.first', ['srv_early']);
  const [second] = await world.accept('line.early.second', ['srv_early']);
  assert.ok(other && first && second);
  await world.send([second]);
  await eventually(async () => {
    assert.deepEqual(await rowsOf(subscriptionId), [
      { sequence: 3n, held: true, waits: false, attempts_count: 0 },
    ]);
    // It has been looked at, and is not due.
    const { rows } = await world.database.pool.query(
      'SELECT FROM hookline.line_mark WHERE subscription_id = $1 AND tries > 1',
      [subscriptionId],
    );
    assert.equal(rows.length, 1);
  });
  assert.deepEqual(sequencesAt(receiver), []);
  await world.send([first]);
  await eventually(async () => assert.equal((await rowsOf(subscriptionId)).length, 2));
  assert.deepEqual(sequencesAt(receiver), []);
  await world.send([other]);
  await receiver.waitFor(2, 5_000);
  assert.deepEqual(sequencesAt(receiver), [2, 3]);
  await receiver.stop();
});

test('P7: an exhausted head is a dead letter and its line goes on; other servers were never held up', async () => {
  const receiver = await startReceiver({
    respond: ({ body, headers }) =>
      body.includes('srv_sick') && headers['hookline-sequence']?.toString().endsWith('1')
        ? 500
        : 200,
  });
  const { subscriptionId } = await world.subscribe({
    url: receiver.url,
    type: 'line.dead',
    retryPolicy: { delaysMs: [300] },
    ...ordered,
  });
  const entries = await world.accept('line.dead', ['srv_sick', 'srv_sick', 'srv_well', 'srv_sick']);
  await world.send(entries);
  await receiver.waitFor(5, 10_000);
  const seen = receiver.requests.map(({ body, headers }) => {
    const { subject } = JSON.parse(body.toString()) as { readonly subject: string };
    return `${subject} ${Number(headers['hookline-sequence'])}`;
  });
  assert.deepEqual(
    seen.filter((entry) => entry.startsWith('srv_sick')),
    ['srv_sick 1', 'srv_sick 1', 'srv_sick 2', 'srv_sick 3'],
  );
  assert.ok(seen.indexOf('srv_well 1') < 2, 'the other line was held up');
  const { rows } = await world.database.pool.query(
    'SELECT delivery_id, cause, attempts_count FROM hookline.dead_letter WHERE subscription_id = $1',
    [subscriptionId],
  );
  const id = deliveryId(entries[0]?.event.id ?? '', subscriptionId);
  assert.deepEqual(rows, [{ delivery_id: id, cause: 'http_error', attempts_count: 2 }]);
  await receiver.stop();
});

test('P7: with on_exhausted "block" nothing overtakes an exhausted head, and it is no dead letter', async () => {
  const receiver = await startReceiver({ respond: 500 });
  const { subscriptionId } = await world.subscribe({
    url: receiver.url,
    type: 'line.blocked',
    options: { on_exhausted: 'block' },
    ...ordered,
  });
  await world.send(await world.accept('line.blocked', ['srv_stuck', 'srv_stuck']));
  await eventually(async () => {
    assert.deepEqual(await rowsOf(subscriptionId), [
      { sequence: 1n, held: true, waits: true, attempts_count: 1 },
      { sequence: 2n, held: true, waits: false, attempts_count: 0 },
    ]);
  });
  // A third one marks the line again, and still nothing moves.
  await world.publish('line.blocked', 'srv_stuck');
  await eventually(async () => {
    assert.equal((await rowsOf(subscriptionId)).length, 3);
    const marks = await world.database.pool.query(
      'SELECT FROM hookline.line_mark WHERE subscription_id = $1',
      [subscriptionId],
    );
    assert.equal(marks.rows.length, 0);
  });
  assert.deepEqual(sequencesAt(receiver), [1]);
  const { rows } = await world.database.pool.query(
    'SELECT FROM hookline.dead_letter WHERE subscription_id = $1',
    [subscriptionId],
  );
  assert.equal(rows.length, 0);
  await receiver.stop();
});

test('P7: a line goes on when its head expires, and while paused it waits in order', async () => {
  const receiver = await startReceiver({ respond: 500 });
  const target = await world.subscribe({
    url: receiver.url,
    type: 'line.expired',
    retryPolicy: { delaysMs: [60 * 60_000] },
    ...ordered,
  });
  await world.send(await world.accept('line.expired', ['srv_old', 'srv_old', 'srv_old']));
  await receiver.waitFor(1, 5_000);
  await eventually(async () =>
    assert.equal((await rowsOf(target.subscriptionId))[0]?.attempts_count, 1),
  );
  await world.store.pause(target);
  world.wake();
  await world.database.pool.query(
    `UPDATE hookline.schedule SET event_recorded_at = now() - interval '9 days' WHERE subscription_id = $1 AND sequence = 1`,
    [target.subscriptionId],
  );
  const { rows } = await world.database.pool.query<{ readonly expired: number }>(
    'SELECT hookline.expire_deliveries(current_date - 8, 7, 10) AS expired',
  );
  assert.deepEqual(rows, [{ expired: 1 }]);
  await eventually(async () => {
    const [head, next] = await rowsOf(target.subscriptionId);
    assert.deepEqual([head?.sequence, head?.held, next?.held], [2n, false, true]);
  });
  await world.store.resume(target);
  world.wake();
  await receiver.waitFor(2, 5_000);
  assert.deepEqual(sequencesAt(receiver), [1, 2]);
  await receiver.stop();
});
