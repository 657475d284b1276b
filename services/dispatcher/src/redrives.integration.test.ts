import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  DeadLetterFilter,
  DeadLetterSelection,
  deliveryId,
  ListReplaysRequest,
  newId,
  ReplayState,
} from '@hookline/contracts';
import { eventually, type Receiver, startReceiver } from '@hookline/testing';
import { startTestDispatchers, type TestDispatchers } from './test-dispatcher.ts';

let world: TestDispatchers;
let receiver: Receiver;
let isUp = false;
before(async () => {
  receiver = await startReceiver({ respond: () => (isUp ? 200 : 404) });
  world = await startTestDispatchers();
  await world.startDispatcher();
});
beforeEach(() => {
  isUp = false;
});
after(async () => {
  await receiver.stop();
  await world[Symbol.asyncDispose]();
});

/** Queues a redrive as the monitor does, of these subscriptions. */
async function queue(
  subscriptionIds: readonly string[],
  { pace, ...filter }: Partial<DeadLetterFilter> & { readonly pace?: number } = {},
): Promise<string> {
  const replayId = newId('rpl');
  const selection = DeadLetterSelection.fromPartial({
    selection: {
      $case: 'filter',
      value: { ...DeadLetterFilter.create(), subscriptionIds: [...subscriptionIds], ...filter },
    },
  });
  await world.database.kysely
    .insertInto('hookline.replay')
    .values({
      ...{ replay_id: replayId, tenant: 'default', kind: 'dead_letters', description: '' },
      ...{ undelivered_only: false, creator: 'key_test', after_position: 0n, total: 0n },
      ...{ selection: Buffer.from(DeadLetterSelection.encode(selection).finish()) },
      next_step_at: new Date(),
      deliveries_per_second: pace ?? null,
    })
    .execute();
  await world.database.kysely
    .insertInto('hookline.redrive_part')
    .values(subscriptionIds.map((id) => ({ replay_id: replayId, subscription_id: id })))
    .execute();
  return replayId;
}

const replayOf = async (id: string) =>
  (await world.client().getReplay({ id }, world.asAdmin)).replay;

async function deadLettersOf(subscriptionId: string, state: string, count: number) {
  await eventually(
    async () => {
      const rows = await world.database.kysely
        .selectFrom('hookline.dead_letter')
        .select('delivery_id')
        .where('subscription_id', '=', subscriptionId)
        .where('state', '=', state)
        .execute();
      assert.equal(rows.length, count);
    },
    { timeoutMs: 30_000 },
  );
}

const servers = Array.from({ length: 20 }, (_, index) => `srv_${index}`);

/** Dead letters as a dispatcher leaves them, without the requests that led to them: breakers stay closed. */
async function die(
  type: string,
  subscriptionIds: readonly string[],
  names: readonly string[] = servers,
): Promise<string[]> {
  const entries = await world.accept(type, names);
  const { pool, kysely } = world.database;
  await pool.query('DELETE FROM hookline.outbox WHERE position = ANY($1)', [
    entries.map(({ event }) => event.position),
  ]);
  const rows = entries.flatMap(({ event, line }) =>
    subscriptionIds.map((id) => ({
      ...{ delivery_id: deliveryId(event.id, id), subscription_id: id, tenant: event.tenant },
      ...{ event_id: event.id, event_type: type, event_recorded_at: event.recordedAt, line },
      ...{ sequence: event.sequence, attempts_count: 1, cause: 'http_error' },
    })),
  );
  await kysely.insertInto('hookline.dead_letter').values(rows).execute();
  return rows.map((row) => row.delivery_id);
}

test('P1, P4: a redrive delivers every dead letter under its id, and a disabled subscription keeps no other from its own', async () => {
  const subscriptions = await Promise.all(
    ['one', 'two', 'off', 'gone'].map((path) =>
      world.subscribe({ url: `${receiver.url}/${path}`, type: 'redrive.all' }),
    ),
  );
  const [one, two, off, gone] = subscriptions.map(({ subscriptionId }) => subscriptionId);
  assert.ok(one && two && off && gone);
  const died = await die('redrive.all', [one, two, off, gone]);
  isUp = true;
  await world.store.disable({ ...subscriptions[2], reason: 'a test' } as never);
  await world.store.delete(subscriptions[3] as never);
  world.wake();

  const id = await queue([one, two, off, gone]);
  await deadLettersOf(one, 'delivered', servers.length);
  await deadLettersOf(two, 'delivered', servers.length);
  await deadLettersOf(gone, 'open', servers.length);
  const ids = receiver.requests.map(({ headers }) => headers['webhook-id'] as string);
  assert.equal(ids.length, 2 * servers.length);
  assert.equal(new Set(ids).size, 2 * servers.length);
  assert.ok(ids.every((id) => died.includes(id)));

  await world.store.resume(subscriptions[2] as never);
  world.wake();
  await deadLettersOf(off, 'delivered', servers.length);
  const replay = await eventually(async () => {
    const found = await replayOf(id);
    assert.equal(found?.state, ReplayState.REPLAY_STATE_COMPLETED);
    assert.equal(found?.progress?.succeededCount, BigInt(3 * servers.length));
    return found;
  });
  assert.equal(replay?.progress?.enqueuedCount, BigInt(3 * servers.length));
  assert.equal(replay?.source?.$case, 'deadLetters');
  const question = { ...ListReplaysRequest.create(), subscriptionId: one };
  const listed = await world.client().listReplays(question, world.asAdmin);
  assert.deepEqual(
    listed.replays.map((entry) => entry.id),
    [id],
  );
});

/** So few failures open no breaker. */
const FEW = ['srv_1', 'srv_2', 'srv_3'];

test('what fails again is a dead letter again, and no redrive runs after those that died later', async () => {
  const before = receiver.received();
  const { subscriptionId } = await world.subscribe({ url: receiver.url, type: 'redrive.again' });
  await die('redrive.again', [subscriptionId], FEW);
  const id = await queue([subscriptionId], { endTime: new Date(Date.now() + 1) });
  await eventually(async () => {
    const replay = await replayOf(id);
    assert.equal(replay?.state, ReplayState.REPLAY_STATE_COMPLETED);
    assert.equal(replay?.progress?.failedCount, BigInt(FEW.length));
  });
  await deadLettersOf(subscriptionId, 'open', FEW.length);
  assert.equal(receiver.received(), before + FEW.length);
});

test('a paced redrive keeps its pace, and a cancelled one hands nothing more over', async () => {
  const before = receiver.received();
  const { subscriptionId } = await world.subscribe({ url: receiver.url, type: 'redrive.paced' });
  await die('redrive.paced', [subscriptionId]);
  isUp = true;
  const id = await queue([subscriptionId], { pace: 2 });
  await receiver.waitFor(before + 1, 20_000);
  await world.client().cancelReplay({ id }, world.asAdmin);
  const replay = await replayOf(id);
  assert.equal(replay?.state, ReplayState.REPLAY_STATE_CANCELLED);
  const acts = await world.audited(id);
  assert.deepEqual(
    acts.map(({ action, actor }) => [action, actor]),
    [['replay.cancelled', world.adminKeyId]],
  );
  const enqueued = Number(replay?.progress?.enqueuedCount);
  assert.ok(enqueued >= 1 && enqueued < servers.length, `${enqueued} were handed over`);
  await deadLettersOf(subscriptionId, 'delivered', enqueued);
  await deadLettersOf(subscriptionId, 'open', servers.length - enqueued);
});
