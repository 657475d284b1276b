import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import {
  type DispatchableEvent,
  deliveryId,
  encodeEventBatch,
  lineOf,
  newId,
  streamDefinitions,
  subjects,
} from '@hookline/contracts';
import { createSealer } from '@hookline/credentials';
import { appendEvents, type Database, migrate, openDatabase, ownKey } from '@hookline/event-log';
import { connectNats, createPublisher, ensureStreams, type Nats } from '@hookline/messaging';
import { createSafeHttpClient, parseAllowSubnets } from '@hookline/safe-http';
import { createMetrics } from '@hookline/service-runtime';
import {
  createSubscriptionIndex,
  createSubscriptionStore,
  type RetryPolicy,
  type SubscriptionIndex,
} from '@hookline/subscriptions';
import { createLogger } from '@hookline/telemetry';
import {
  createTestDatabase,
  eventually,
  type ReceivedRequest,
  type Respond,
  startReceiver,
  startTestNats,
  type TestDatabase,
  type TestNats,
} from '@hookline/testing';
import { headers } from '@nats-io/transport-node';
import { createDispatch } from './dispatch.ts';
import { createDispatchMetrics } from './metrics.ts';
import { eventsConsumer } from './service.ts';

const sealer = createSealer(randomBytes(32).toString('base64'));
const logger = createLogger({ service: 'dispatcher', level: 'silent' });
const allowed = parseAllowSubnets('127.0.0.0/8');
assert.ok(allowed.ok);

let testDatabase: TestDatabase;
let database: Database;
let testNats: TestNats;
let nats: Nats;
let index: SubscriptionIndex;

before(async () => {
  testDatabase = await createTestDatabase({ migrate });
  database = openDatabase({ url: testDatabase.url, role: 'hookline_service', maxConnections: 12 });
  testNats = await startTestNats();
  nats = await connectNats({
    url: testNats.url,
    creds: testNats.servicesCreds,
    name: 'test',
    logger,
  });
  await ensureStreams(nats.manager, streamDefinitions, logger);
  await database.kysely
    .insertInto('hookline.tenant')
    .values({ name: 'default', tenant_id: newId('ten'), deleted_at: null })
    .execute();
  index = createSubscriptionIndex(database, { sealer, logger });
  await index.start();
});

after(async () => {
  await index.stop();
  await nats.close();
  await testNats.stop();
  await database.close();
  await testDatabase.drop();
});

function startDispatch() {
  const dispatcherId = `dsp_${randomUUID()}`;
  const dispatch = createDispatch({
    database,
    dispatcherId,
    index,
    client: createSafeHttpClient({
      policy: { allowSubnets: allowed.ok ? allowed.subnets : [], allowHttp: false },
    }),
    consumer: eventsConsumer(nats),
    logger,
    metrics: createDispatchMetrics(createMetrics()),
    onDead: () => {},
  });
  return { ...dispatch, dispatcherId };
}

async function subscribe(settings: { url: string; retryPolicy?: RetryPolicy; types?: string[] }) {
  const store = createSubscriptionStore(database, { sealer });
  const { subscription } = await store.create({
    tenant: 'default',
    actor: 'test',
    settings: {
      url: settings.url,
      description: '',
      filter: {
        types: settings.types ?? ['*'],
        statuses: [],
        phases: [],
        subjects: [],
        attributes: [],
      },
      format: 'standard',
      options: {},
      headers: {},
      retryPolicy: settings.retryPolicy ?? { preset: 'none' },
      timeoutMs: 5_000,
      ordering: 'none',
      notificationEmails: [],
    },
  });
  return subscription.id;
}

async function accept(type: string): Promise<DispatchableEvent> {
  const eventId = newId('evt');
  const [appended] = await appendEvents(
    database.pool,
    [
      {
        eventId,
        key: ownKey(eventId),
        line: lineOf('default', 'srv_1', 'node-1'),
        tenant: 'default',
        source: '/hosts/node-1',
        type,
        subject: 'srv_1',
        phase: 'post',
        status: 'success',
        extensions: {},
        data: '{"server_id":"srv_1"}',
      },
    ],
    { dedupeDays: 7 },
  );
  assert.ok(appended?.kind === 'appended');
  return appended;
}

async function publish(entries: DispatchableEvent[]): Promise<void> {
  const publisher = createPublisher({ nats });
  await publisher.publish(subjects.events, encodeEventBatch(entries));
  await publisher.stop();
}

const attemptsOf = (eventId: string, subscriptionId: string) =>
  database.kysely
    .selectFrom('hookline.attempt_log')
    .selectAll()
    .where('tenant', '=', 'default')
    .where('delivery_id', '=', deliveryId(eventId, subscriptionId))
    .orderBy('number')
    .execute();

const rowsLeft = async () => ({
  outbox: await database.kysely.selectFrom('hookline.outbox').select('event_id').execute(),
  schedule: await database.kysely.selectFrom('hookline.schedule').select('delivery_id').execute(),
});

describe('dispatching', () => {
  test('P2, P3: two answers of 500 and one of 200 are three attempts of one webhook-id, on schedule', async () => {
    const script: Respond = [500, 500, 200];
    const receiver = await startReceiver({ respond: script });
    const subscriptionId = await subscribe({
      url: receiver.url,
      retryPolicy: { delaysMs: [200, 400] },
      types: ['server.retried'],
    });
    const dispatch = startDispatch();
    await dispatch.start();
    const entry = await accept('server.retried');
    await publish([entry]);
    await receiver.waitFor(3, 10_000);
    await eventually(async () => {
      const attempts = await attemptsOf(entry.event.id, subscriptionId);
      assert.deepEqual(
        attempts.map((attempt) => [attempt.number, attempt.http_status, attempt.delivery_state]),
        [
          [1, 500, 'scheduled'],
          [2, 500, 'scheduled'],
          [3, 200, 'succeeded'],
        ],
      );
      assert.deepEqual(await rowsLeft(), { outbox: [], schedule: [] });
    });
    const [first, second, third] = receiver.requests;
    assert.ok(first && second && third);
    assert.equal(new Set(receiver.requests.map((r) => r.headers['webhook-id'])).size, 1);
    const waited = (one: ReceivedRequest, other: ReceivedRequest) =>
      other.receivedAt.getTime() - one.receivedAt.getTime();
    assert.ok(waited(first, second) >= 200, 'the first delay of 200 ms');
    assert.ok(waited(second, third) >= 400, 'the second delay of 400 ms');
    assert.deepEqual(
      receiver.requests.map((request) => request.headers['hookline-attempt']),
      ['1', '2', '3'],
    );
    await dispatch.stop();
    await receiver.stop();
  });

  test('a delivery that has used up its attempts is a dead letter', async () => {
    const receiver = await startReceiver({ respond: 503 });
    const subscriptionId = await subscribe({ url: receiver.url, types: ['server.dead'] });
    const dispatch = startDispatch();
    await dispatch.start();
    const entry = await accept('server.dead');
    await publish([entry]);
    await eventually(async () => {
      const [row] = await database.kysely
        .selectFrom('hookline.dead_letter')
        .selectAll()
        .where('delivery_id', '=', deliveryId(entry.event.id, subscriptionId))
        .execute();
      assert.equal(row?.cause, 'http_error');
      assert.equal(row?.attempts_count, 1);
      assert.deepEqual(await rowsLeft(), { outbox: [], schedule: [] });
    });
    await dispatch.stop();
    await receiver.stop();
  });

  test('P4: an event is settled after a second though one of its receivers hangs, and the others have it at once', async () => {
    const hanging = await startReceiver({ respond: { kind: 'hang' } });
    const healthy = await startReceiver();
    const hangingId = await subscribe({ url: hanging.url, types: ['server.slow'] });
    await subscribe({ url: healthy.url, types: ['server.slow'] });
    const dispatch = startDispatch();
    await dispatch.start();
    const entry = await accept('server.slow');
    await publish([entry]);
    await healthy.waitFor(1, 5_000);
    await eventually(async () => {
      const left = await rowsLeft();
      assert.deepEqual(left.outbox, []);
      assert.equal(left.schedule.length, 1);
    });
    assert.equal((await attemptsOf(entry.event.id, hangingId)).length, 0);
    await eventually(
      async () => {
        const [attempt] = await attemptsOf(entry.event.id, hangingId);
        assert.equal(attempt?.outcome, 'timeout');
        assert.deepEqual(await rowsLeft(), { outbox: [], schedule: [] });
      },
      { timeoutMs: 10_000 },
    );
    await dispatch.stop();
    await Promise.all([hanging.stop(), healthy.stop()]);
  });

  test('P3: what a dead dispatcher may have sent is on record as unknown, and is sent again', async () => {
    const receiver = await startReceiver();
    const subscriptionId = await subscribe({ url: receiver.url, types: ['server.orphaned'] });
    await index.refresh();
    const { event, line } = await accept('server.orphaned');
    await database.pool.query('DELETE FROM hookline.outbox WHERE position = $1', [event.position]);
    await database.pool.query(
      `INSERT INTO hookline.dispatcher (dispatcher_id, heartbeat_at) VALUES ('dsp_dead', now() - interval '1 minute')`,
    );
    await database.pool.query(
      `INSERT INTO hookline.schedule (delivery_id, subscription_id, tenant, event_id, event_type, event_recorded_at,
         line, sequence, due_at, attempts_count, attempt_number, claimed_by, claim, claimed_at)
       VALUES ($1, $2, 'default', $3, $4, $5, $6, $7, now(), 0, 0, 'dsp_dead', 1, now() - interval '1 minute')`,
      [
        deliveryId(event.id, subscriptionId),
        subscriptionId,
        event.id,
        event.type,
        event.recordedAt,
        line,
        event.sequence,
      ],
    );
    await database.pool.query(
      `INSERT INTO hookline.backlog (subscription_id, waiting) VALUES ($1, 1)`,
      [subscriptionId],
    );
    const dispatch = startDispatch();
    await dispatch.start();
    await eventually(async () => {
      const attempts = await attemptsOf(event.id, subscriptionId);
      assert.deepEqual(
        attempts.map((attempt) => [attempt.number, attempt.outcome, attempt.url]),
        [
          [1, 'unknown', receiver.url],
          [2, 'succeeded', receiver.url],
        ],
      );
    });
    await dispatch.stop();
    await receiver.stop();
  });

  test('a claim that a living dispatcher has lost sight of is freed and attempted', async () => {
    const receiver = await startReceiver();
    const subscriptionId = await subscribe({ url: receiver.url, types: ['server.forgotten'] });
    await index.refresh();
    const { event, line } = await accept('server.forgotten');
    await database.pool.query('DELETE FROM hookline.outbox WHERE position = $1', [event.position]);
    const dispatch = startDispatch();
    await database.pool.query(
      `INSERT INTO hookline.schedule (delivery_id, subscription_id, tenant, event_id, event_type, event_recorded_at,
         line, sequence, due_at, attempts_count, attempt_number, claimed_by, claim, claimed_at)
       VALUES ($1, $2, 'default', $3, $4, $5, $6, $7, now(), 0, 0, $8, 1, now() - interval '3 minutes')`,
      [
        deliveryId(event.id, subscriptionId),
        subscriptionId,
        event.id,
        event.type,
        event.recordedAt,
        line,
        event.sequence,
        dispatch.dispatcherId,
      ],
    );
    await database.pool.query(
      `INSERT INTO hookline.backlog (subscription_id, waiting) VALUES ($1, 1)`,
      [subscriptionId],
    );
    await dispatch.start();
    await receiver.waitFor(1, 10_000);
    await eventually(async () => {
      const attempts = await attemptsOf(event.id, subscriptionId);
      assert.deepEqual(
        attempts.map((attempt) => attempt.outcome),
        ['succeeded'],
      );
      assert.deepEqual(await rowsLeft(), { outbox: [], schedule: [] });
    });
    await dispatch.stop();
    await receiver.stop();
  });

  test('a redelivered message whose events are settled sends nothing', async () => {
    const receiver = await startReceiver();
    await subscribe({ url: receiver.url, types: ['server.once', 'server.later'] });
    const dispatch = startDispatch();
    await dispatch.start();
    const entry = await accept('server.once');
    await publish([entry]);
    await receiver.waitFor(1, 5_000);
    await eventually(async () => assert.deepEqual((await rowsLeft()).outbox, []));
    const publisher = createPublisher({ nats });
    const marked = headers();
    marked.set('Hookline-Swept', '1');
    await publisher.publish(subjects.events, encodeEventBatch([entry]), { headers: marked });
    await publisher.stop();
    const later = await accept('server.later');
    await publish([later]);
    await receiver.waitFor(2, 5_000);
    assert.deepEqual(
      receiver.requests.map((request) => request.headers['hookline-event-id']),
      [entry.event.id, later.event.id],
    );
    await dispatch.stop();
    await receiver.stop();
  });
});
