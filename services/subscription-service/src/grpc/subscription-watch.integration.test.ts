import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import {
  ApiKey,
  Role,
  SubscriptionChangeKind,
  type WatchSubscriptionsResponse,
} from '@hookline/contracts';
import {
  type Credentials,
  refusedWith,
  startTestService,
  type TestService,
} from '../test-service.ts';

let world: TestService;
before(async () => {
  world = await startTestService();
});
after(async () => {
  await world[Symbol.asyncDispose]();
});

function watch(as: Credentials, resumeToken = '') {
  const abort = new AbortController();
  const messages = world.subscriptions
    .watchSubscriptions({ resumeToken }, { ...as, signal: abort.signal })
    [Symbol.asyncIterator]();
  return {
    async next(): Promise<WatchSubscriptionsResponse> {
      const { value } = await messages.next();
      assert.ok(value, 'the stream ended');
      return value;
    },
    close: () => abort.abort(),
  };
}

const changeOf = ({ item }: WatchSubscriptionsResponse) => {
  assert.ok(item?.$case === 'change');
  return item.value;
};

test('a change is told, by whom and when, without the secret', async () => {
  const editor = await world.keyOf('editor', 'watched');
  const made = await world.create({}, editor);
  await world.create();
  const stream = watch(editor);
  const existing = await stream.next();
  assert.equal(existing.resumeToken, '');
  const { subscription, kind, actor, time } = changeOf(existing);
  assert.equal(kind, SubscriptionChangeKind.SUBSCRIPTION_CHANGE_KIND_EXISTING);
  assert.deepEqual(subscription, { ...made, secret: '' });
  assert.deepEqual([actor, time], ['', undefined]);
  assert.equal((await stream.next()).item?.$case, 'heartbeat');
  await world.subscriptions.pauseSubscription({ id: made.id, etag: '' }, editor);
  const paused = await stream.next();
  const change = changeOf(paused);
  assert.equal(change.kind, SubscriptionChangeKind.SUBSCRIPTION_CHANGE_KIND_PAUSED);
  assert.match(change.actor, /^key_/);
  assert.ok(change.time);
  const resumed = watch(editor, existing.resumeToken);
  assert.equal(changeOf(await resumed.next()).subscription?.id, made.id);
  resumed.close();
  stream.close();
});

test('publishers do not watch, and a foreign token is refused with its field', async () => {
  const publisher = await world.keyOf('publisher');
  await assert.rejects(watch(publisher).next(), refusedWith(status.PERMISSION_DENIED));
  await assert.rejects(
    watch(world.asOperator, 'nonsense').next(),
    refusedWith(status.INVALID_ARGUMENT, /resume_token/),
  );
});

test('P5 a stream ends within seconds when its key is revoked or expires, and another one goes on', async () => {
  const { as } = await world.tenant('watched-keys');
  const role = Role.ROLE_VIEWER;
  const make = async (name: string, expireTime?: Date) => {
    const apiKey = { ...ApiKey.create(), role, name, expireTime };
    return (await world.admin.createApiKey({ apiKey, requestId: '' }, as)).apiKey as ApiKey;
  };
  const expiring = await make('expiring', new Date(Date.now() + 2_000));
  const revoked = await make('revoked');
  const streams = [as, { apiKey: revoked.secret }, { apiKey: expiring.secret }].map((key) =>
    watch(key),
  );
  for (const stream of streams) assert.equal((await stream.next()).item?.$case, 'heartbeat');
  const [kept, ...ending] = streams;
  const startedAt = performance.now();
  await world.admin.revokeApiKey({ id: revoked.id, reason: '' }, as);
  const refused = refusedWith(status.UNAUTHENTICATED, /expired or revoked/);
  await Promise.all(ending.map((stream) => assert.rejects(stream.next(), refused)));
  assert.ok(performance.now() - startedAt < 8_000, 'within seconds');
  await world.create({}, as);
  assert.equal((await kept?.next())?.item?.$case, 'change');
  kept?.close();
});

test('a stop of the service ends the streams', async () => {
  const stopping = await startTestService();
  const made = await stopping.create();
  const stream = stopping.subscriptions.watchSubscriptions(
    { resumeToken: '' },
    stopping.asOperator,
  );
  const messages = stream[Symbol.asyncIterator]();
  assert.equal(changeOf((await messages.next()).value).subscription?.id, made.id);
  await messages.next();
  const ended = assert.rejects(messages.next(), refusedWith(status.UNAVAILABLE, /stopping/));
  await stopping[Symbol.asyncDispose]();
  await ended;
});
