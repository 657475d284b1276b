import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import {
  Filter,
  RotateSecretRequest,
  readFieldViolations,
  State,
  Subscription,
  UpdateSubscriptionRequest,
} from '@hookline/contracts';
import { openTenantSealer } from '@hookline/credentials';
import { createSubscriptionStore } from '@hookline/subscriptions';
import { masterKey, refusedWith, startTestService, type TestService } from '../test-service.ts';

let world: TestService;
before(async () => {
  world = await startTestService();
});
after(async () => {
  await world[Symbol.asyncDispose]();
});

function update(subscription: Partial<Subscription>, updateMask?: string[]) {
  const message = { ...Subscription.create(), ...subscription };
  const request = UpdateSubscriptionRequest.create({ subscription: message, updateMask });
  return world.subscriptions.updateSubscription(request, world.asOperator);
}

async function disable(subscriptionId: string) {
  const { database } = world;
  const sealer = await openTenantSealer({
    masterKey,
    olderKeys: [],
    query: (text, values) => database.pool.query(text, values).then(({ rows }) => rows),
  });
  const store = createSubscriptionStore(database, { sealer });
  const target = { tenant: 'default', subscriptionId, actor: 'system:test' };
  return (await store.disable({ ...target, reason: '410 Gone' })).subscription.disabledAt;
}

test('an update changes the fields named, answers without the secret, and an old etag is ABORTED', async () => {
  const made = await world.create({ description: 'first', headers: { 'X-A': '1' } });
  const filter = { ...Filter.create(), types: ['user.*'] };
  const { subscription, missedSince } = await update({ id: made.id, etag: '1', filter }, [
    'filter',
  ]);
  assert.ok(subscription);
  assert.deepEqual(subscription, {
    ...made,
    filter,
    secret: '',
    etag: '2',
    updateTime: subscription.updateTime,
  });
  assert.equal(missedSince, undefined);
  const read = await world.subscriptions.getSubscription({ id: made.id }, world.asOperator);
  assert.deepEqual(read.subscription, subscription);
  await assert.rejects(
    update({ id: made.id, etag: '1', description: 'x' }),
    refusedWith(status.ABORTED),
  );
});

test('every fault of an update is named: masks, the secret, and what the result would break', async () => {
  const { id } = await world.create();
  const faultsOf = async (...given: Parameters<typeof update>) => {
    const error = await update(...given).then(
      () => assert.fail('it was taken'),
      (reason: unknown) => reason,
    );
    refusedWith(status.INVALID_ARGUMENT)(error);
    return readFieldViolations(error).map(({ field }) => field);
  };
  assert.deepEqual(await faultsOf({ id, secret: 'a-new-secret' }), ['subscription.secret']);
  assert.deepEqual(await faultsOf({ id }, ['state', 'nope']), ['update_mask', 'update_mask']);
  assert.deepEqual(await faultsOf({ id, url: 'ftp://x', timeout: { seconds: 99n, nanos: 0 } }), [
    'subscription.url',
    'subscription.timeout',
  ]);
  assert.deepEqual(await faultsOf({ id }, ['filter']), ['subscription.filter.types']);
  await assert.rejects(update({ id: 'sub_x', url: 'x' }), refusedWith(status.NOT_FOUND));
});

test('a pause and a resume are answered, repeated without a change, and a disabled one is re-enabled by resume and by update', async () => {
  const { subscriptions: client, asOperator: asAdmin } = world;
  const { id } = await world.create();
  const target = { id, etag: '' };
  const paused = await client.pauseSubscription(target, asAdmin);
  assert.equal(paused.subscription?.state, State.STATE_PAUSED);
  assert.deepEqual(await client.pauseSubscription(target, asAdmin), paused);
  await assert.rejects(
    client.resumeSubscription({ id, etag: '1' }, asAdmin),
    refusedWith(status.ABORTED),
  );
  const resumed = await client.resumeSubscription({ id, etag: '2' }, asAdmin);
  assert.equal(resumed.subscription?.state, State.STATE_ACTIVE);
  assert.equal(resumed.missedSince, undefined);

  const disabledAt = await disable(id);
  const read = await client.getSubscription({ id }, asAdmin);
  assert.equal(read.subscription?.disabledReason, '410 Gone');
  await assert.rejects(
    client.pauseSubscription(target, asAdmin),
    refusedWith(status.FAILED_PRECONDITION),
  );
  const enabled = await client.resumeSubscription(target, asAdmin);
  assert.deepEqual(enabled.missedSince, disabledAt);
  const again = await disable(id);
  const updated = await update({ id, description: 'mended' });
  assert.deepEqual(updated.missedSince, again);
  assert.equal(updated.subscription?.state, State.STATE_ACTIVE);
  assert.equal(updated.subscription.disabledReason, '');
});

test('a secret is rotated to a made or a brought one, shown once, and the same again for its request id', async () => {
  const { subscriptions: client, asOperator: asAdmin } = world;
  const made = await world.create();
  const rotate = (given: Partial<RotateSecretRequest>) =>
    client.rotateSecret({ ...RotateSecretRequest.create(), id: made.id, ...given }, asAdmin);
  const before = Date.now();
  const first = await rotate({ requestId: 'r-1' });
  assert.match(first.subscription?.secret ?? '', /^whsec_/);
  assert.notEqual(first.subscription?.secret, made.secret);
  const day = 24 * 60 * 60_000;
  const overlap = (first.overlapEndTime?.getTime() ?? 0) - before;
  assert.ok(overlap >= day && overlap < day + 60_000);
  assert.deepEqual(await rotate({ requestId: 'r-1' }), first);
  await assert.rejects(
    rotate({ requestId: 'r-1', secret: 'another-secret' }),
    refusedWith(status.ALREADY_EXISTS),
  );
  const brought = await rotate({ secret: 'another-secret', overlap: { seconds: 0n, nanos: 0 } });
  assert.equal(brought.subscription?.secret, 'another-secret');
  assert.deepEqual(
    brought.warnings.map(({ field }) => field),
    ['secret'],
  );
  const read = await client.getSubscription({ id: made.id }, asAdmin);
  assert.equal(read.subscription?.secret, '');
  const faulty = { secret: 'short', overlap: { seconds: 604_801n, nanos: 0 } };
  const error = await rotate({ ...faulty, requestId: 'x\n' }).catch((reason: unknown) => reason);
  refusedWith(status.INVALID_ARGUMENT)(error);
  assert.deepEqual(
    readFieldViolations(error).map(({ field }) => field),
    ['secret', 'overlap', 'request_id'],
  );
});

test('viewers change nothing, and another tenant’s is not found by any change (P5)', async () => {
  const { subscriptions: client } = world;
  const { id } = await world.create();
  const target = { id, etag: '' };
  const calls = (as: { apiKey: string }) => [
    () => client.pauseSubscription(target, as),
    () => client.resumeSubscription(target, as),
    () => client.rotateSecret({ ...RotateSecretRequest.create(), id }, as),
    () =>
      client.updateSubscription(
        UpdateSubscriptionRequest.create({ subscription: { id, description: 'x' } }),
        as,
      ),
  ];
  const [viewer, stranger] = [await world.keyOf('viewer'), await world.keyOf('admin', 'stranger')];
  for (const call of calls(viewer)) {
    await assert.rejects(call(), refusedWith(status.PERMISSION_DENIED));
  }
  for (const call of calls(stranger)) await assert.rejects(call(), refusedWith(status.NOT_FOUND));
  const read = await client.getSubscription({ id }, world.asOperator);
  assert.equal(read.subscription?.etag, '1');
});

test('over its quota a tenant creates nothing', async () => {
  const editor = await world.keyOf('editor', 'full');
  await world.database.pool.query(
    "UPDATE hookline.tenant SET subscriptions_max = 1 WHERE name = 'full'",
  );
  const { id } = await world.create({}, editor);
  await assert.rejects(world.create({}, editor), refusedWith(status.RESOURCE_EXHAUSTED, /quota/));
  await world.subscriptions.deleteSubscription({ id, etag: '' }, editor);
  await world.create({}, editor);
});
