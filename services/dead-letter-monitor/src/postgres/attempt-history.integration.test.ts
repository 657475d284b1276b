import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '@hookline/contracts';
import { openTestMonitor } from '../test-monitor.ts';
import { hasSucceededSince, isFailingSince } from './attempt-history.ts';

let world: Awaited<ReturnType<typeof openTestMonitor>>;

before(async () => {
  world = await openTestMonitor();
});
after(() => world[Symbol.asyncDispose]());

// The log's clock is Postgres's, so that times are told by what was recorded before and after.
async function now(): Promise<Date> {
  const { rows } = await world.database.pool.query<{ now: Date }>(
    "SELECT clock_timestamp() + interval '2 milliseconds' AS now, pg_sleep(0.01)",
  );
  return rows[0]?.now as Date;
}

test('a subscription is failing since a time if the attempt up to then failed and none succeeded after', async () => {
  const db = world.database.kysely;
  const subscriptionId = newId('sub');
  const beforeAll = await now();
  await world.succeed(subscriptionId, new Date());
  const afterSuccess = await now();
  await world.fail(subscriptionId, new Date());
  const afterFailure = await now();
  await world.fail(subscriptionId, new Date());
  assert.equal(await isFailingSince(db, { subscriptionId, since: beforeAll }), false);
  assert.equal(await isFailingSince(db, { subscriptionId, since: afterSuccess }), false);
  assert.equal(await isFailingSince(db, { subscriptionId, since: afterFailure }), true);
  await world.succeed(subscriptionId, new Date());
  assert.equal(await isFailingSince(db, { subscriptionId, since: afterFailure }), false);
});

test('a success counts if its attempt began since then and was of another delivery', async () => {
  const db = world.database.kysely;
  const subscriptionId = newId('sub');
  const startedAt = new Date();
  await world.succeed(subscriptionId, startedAt);
  const { delivery_id: own } = await db
    .selectFrom('hookline.attempt_log')
    .select('delivery_id')
    .where('subscription_id', '=', subscriptionId)
    .executeTakeFirstOrThrow();
  const ask = (exceptDeliveryId: string, since: Date) =>
    hasSucceededSince(db, { subscriptionId, exceptDeliveryId, since });
  assert.equal(await ask(newId('dlv'), startedAt), true);
  assert.equal(await ask(own, startedAt), false);
  assert.equal(await ask(newId('dlv'), new Date(startedAt.getTime() + 1)), false);
});
