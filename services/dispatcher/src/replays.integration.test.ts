import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateReplayRequest, deliveryId, ReplayState } from '@hookline/contracts';
import { createLineWitness, eventually, startReceiver } from '@hookline/testing';
import { startTestDispatchers, type TestDispatchers } from './test-dispatcher.ts';

let world: TestDispatchers;
before(async () => {
  world = await startTestDispatchers();
  await world.startDispatcher();
});
after(async () => {
  await world[Symbol.asyncDispose]();
});

const client = () => world.client();

async function settled(type: string): Promise<void> {
  await eventually(async () => {
    const { rows } = await world.database.pool.query(
      `SELECT FROM hookline.outbox o JOIN hookline.event_log e USING (position) WHERE e.type = $1`,
      [type],
    );
    assert.equal(rows.length, 0);
  });
}

async function ended(id: string, state: ReplayState) {
  let found: Awaited<ReturnType<ReturnType<typeof client>['getReplay']>>['replay'];
  await eventually(
    async () => {
      found = (await client().getReplay({ id }, world.asAdmin)).replay;
      assert.equal(found?.state, state);
    },
    { timeoutMs: 15_000 },
  );
  assert.ok(found);
  return found;
}

const actions = async (id: string) => (await world.audited(id)).map(({ action }) => action);

/** A replay of a subscription's past, from an hour ago up to now. */
async function replay(
  subscriptionId: string,
  given: { readonly deliveriesPerSecond?: number; readonly undeliveredOnly?: boolean } = {},
) {
  const { replay: made } = await client().createReplay(
    CreateReplayRequest.fromPartial({
      replay: {
        source: {
          $case: 'events',
          value: {
            subscriptionId,
            startTime: new Date(Date.now() - 60 * 60_000),
            undeliveredOnly: given.undeliveredOnly ?? false,
          },
        },
        description: 'a test',
        ...(given.deliveriesPerSecond && { deliveriesPerSecond: given.deliveriesPerSecond }),
      },
    }),
    world.asAdmin,
  );
  assert.ok(made);
  return made;
}

test('P2: a replay sends past events again under the same webhook-id, with attempts that name it', async () => {
  const receiver = await startReceiver();
  const { subscriptionId } = await world.subscribe({ url: receiver.url, type: 'replay.again' });
  const entries = await world.accept('replay.again', ['srv_1', 'srv_2', 'srv_3']);
  await world.send([...entries, ...(await world.accept('replay.other', ['srv_1']))]);
  await receiver.waitFor(3, 5_000);
  await settled('replay.again');
  const made = await replay(subscriptionId);
  assert.equal(made.state, ReplayState.REPLAY_STATE_QUEUED);
  const [act] = await world.audited(made.id);
  const { action, actor, tenant, reason, data } = act ?? assert.fail('it is not on record');
  assert.deepEqual(
    { action, actor, tenant, reason },
    { action: 'replay.created', actor: world.adminKeyId, tenant: 'default', reason: 'a test' },
  );
  assert.deepEqual([data.subscriptionId, data.undeliveredOnly], [subscriptionId, false]);
  await receiver.waitFor(6, 15_000);
  const ids = receiver.requests.map(({ headers }) => String(headers['webhook-id']));
  assert.deepEqual(ids.slice(3).toSorted(), ids.slice(0, 3).toSorted());
  assert.ok(receiver.requests.slice(3).every(({ headers }) => headers['hookline-attempt'] === '2'));
  await eventually(async () => {
    const done = await ended(made.id, ReplayState.REPLAY_STATE_COMPLETED);
    assert.ok(done.progress && done.progress.scannedCount >= 4n);
    assert.deepEqual(
      [done.progress.enqueuedCount, done.progress.succeededCount, done.progress.failedCount],
      [3n, 3n, 0n],
    );
  });
  const { delivery, attempts } = await client().getDelivery(
    { id: deliveryId(entries[0]?.event.id ?? '', subscriptionId) },
    world.asAdmin,
  );
  assert.deepEqual(
    attempts.map(({ number, replayId }) => [number, replayId]),
    [
      [1, ''],
      [2, made.id],
    ],
  );
  assert.equal(delivery?.attemptsCount, 2);
  await receiver.stop();
});

test('a replay of what was not received leaves out what was, and counts what fails', async () => {
  let answer = 200;
  const receiver = await startReceiver({ respond: () => answer });
  const { subscriptionId } = await world.subscribe({ url: receiver.url, type: 'replay.missed' });
  await world.publish('replay.missed', 'srv_received');
  await receiver.waitFor(1, 5_000);
  answer = 500;
  await world.publish('replay.missed', 'srv_missed');
  await receiver.waitFor(2, 5_000);
  await settled('replay.missed');
  const failing = await replay(subscriptionId, { undeliveredOnly: true });
  await eventually(
    async () => {
      const { progress } = await ended(failing.id, ReplayState.REPLAY_STATE_COMPLETED);
      assert.deepEqual([progress?.enqueuedCount, progress?.failedCount], [1n, 1n]);
    },
    { timeoutMs: 15_000 },
  );
  const states = async () =>
    (
      await world.database.pool.query(
        'SELECT state FROM hookline.dead_letter WHERE subscription_id = $1',
        [subscriptionId],
      )
    ).rows;
  assert.deepEqual(await states(), [{ state: 'open' }]);
  answer = 200;
  await replay(subscriptionId, { undeliveredOnly: true });
  await eventually(async () => assert.deepEqual(await states(), [{ state: 'delivered' }]), {
    timeoutMs: 15_000,
  });
  const subjects = receiver.requests.map(({ body }) => JSON.parse(body.toString()).subject);
  assert.deepEqual(subjects, ['srv_received', 'srv_missed', 'srv_missed', 'srv_missed']);
  await receiver.stop();
});

test('P7: a paced replay of an ordered subscription keeps its order and its pace, and can be cancelled', async () => {
  const witness = createLineWitness();
  let last = 0;
  const receiver = await startReceiver({
    respond: ({ headers, body }) => {
      const { subject } = JSON.parse(body.toString());
      if (last > 0) witness.see(subject, Number(headers['hookline-sequence']));
      return 200;
    },
  });
  const { subscriptionId } = await world.subscribe({
    url: receiver.url,
    type: 'replay.ordered',
    ordering: 'per_server',
  });
  const servers = ['srv_a', 'srv_b'];
  const all = await world.accept(
    'replay.ordered',
    Array.from({ length: 20 }, () => servers).flat(),
  );
  await world.send(all);
  await receiver.waitFor(40, 15_000);
  await settled('replay.ordered');
  last = 1;
  const made = await replay(subscriptionId, { deliveriesPerSecond: 8 });
  await receiver.waitFor(40 + 6, 15_000);
  const { replay: cancelled } = await client().cancelReplay({ id: made.id }, world.asAdmin);
  assert.equal(cancelled?.state, ReplayState.REPLAY_STATE_CANCELLED);
  const enqueued = Number(cancelled?.progress?.enqueuedCount);
  assert.ok(enqueued >= 6 && enqueued < 40, `${enqueued} were handed over`);
  await receiver.waitFor(40 + enqueued, 5_000);
  assert.deepEqual(witness.inversions(), []);
  // Cancelling it again, or a fresh event, finds nothing of it left.
  await client().cancelReplay({ id: made.id }, world.asAdmin);
  assert.deepEqual(await actions(made.id), ['replay.created', 'replay.cancelled']);
  await world.publish('replay.ordered', 'srv_c');
  await receiver.waitFor(40 + enqueued + 1, 5_000);
  assert.equal(receiver.requests.length, 40 + enqueued + 1);
  await receiver.stop();
});

test('a replay asked for twice with one request_id is one, and says what is out of range', async () => {
  const { subscriptionId } = await world.subscribe({
    url: 'http://127.0.0.1:9/',
    type: 'replay.repeated',
  });
  const end = Date.now();
  const start = new Date(end - 60_000);
  const asked = (given: { requestId?: string; description?: string; endTime?: Date }) =>
    CreateReplayRequest.fromPartial({
      replay: {
        source: {
          $case: 'events',
          value: { subscriptionId, startTime: start, endTime: given.endTime ?? new Date(end) },
        },
        description: given.description ?? '',
      },
      requestId: given.requestId ?? '',
    });
  const once = { requestId: 'replay-once' };
  const [first, second] = await Promise.all([
    client().createReplay(asked(once), world.asAdmin),
    client().createReplay(asked(once), world.asAdmin),
  ]);
  assert.deepEqual(first, second);
  await assert.rejects(
    client().createReplay(asked({ ...once, description: 'another' }), world.asAdmin),
    /request_id was used/,
  );
  const { replays } = await client().listReplays(
    { pageSize: 10, pageToken: '', subscriptionId, states: [] },
    world.asAdmin,
  );
  assert.deepEqual(
    replays.map(({ id }) => id),
    [first.replay?.id],
  );
  const { rows } = await world.database.pool.query<{ readonly stream: string }>(
    `SELECT stream FROM hookline.event_log WHERE type = 'ReplayCreated' AND data::json ->> 'subscriptionId' = $1`,
    [subscriptionId],
  );
  assert.deepEqual(rows, [{ stream: `replay:${first.replay?.id}` }]);
  await assert.rejects(
    client().createReplay(asked({ endTime: new Date(2 ** 42) }), world.asAdmin),
    /end_time is .*yet to come/,
  );
  await world.store.delete({ tenant: 'default', actor: 'test', subscriptionId });
  await assert.rejects(
    client().createReplay(asked({}), world.asAdmin),
    /the subscription is deleted/,
  );
});
