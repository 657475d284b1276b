import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  DeliveryServiceService,
  DomainError,
  deliveryId,
  ListDeliveriesRequest,
  loadReflectionPackage,
  newId,
} from '@hookline/contracts';
import { dropPartition, migrate, openDatabase } from '@hookline/event-log';
import {
  createGrpcClient,
  createGrpcServer,
  fromGrpcError,
  type GrpcClient,
  grpcService,
} from '@hookline/service-runtime';
import { createLogger } from '@hookline/telemetry';
import { createTestDatabase } from '@hookline/testing';
import { createReadMethods } from './read-methods.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const OLD = new Date(Date.now() - 120 * DAY_MS);
const OLD_DAY = OLD.toISOString().slice(0, 10);
const API_KEY = `hk_${'a'.repeat(43)}`;
const SUBSCRIPTION = newId('sub');

const resources = new AsyncDisposableStack();
after(() => resources.disposeAsync());

let owner: ReturnType<typeof openDatabase>;
let deliveries: GrpcClient<typeof DeliveryServiceService>;
before(async () => {
  const database = resources.use(await createTestDatabase({ migrate }));
  owner = resources.use(openDatabase({ url: database.url }));
  const service = resources.use(openDatabase({ url: database.url, role: 'hookline_service' }));
  const caller = { tenant: 'default', role: 'viewer', keyId: newId('key') } as const;
  const server = createGrpcServer({
    name: 'dispatcher',
    host: '127.0.0.1',
    port: 0,
    logger: createLogger({ service: 'test', level: 'silent' }),
    services: [grpcService(DeliveryServiceService, createReadMethods(service))],
    authenticate: async (key) => (key === API_KEY ? caller : undefined),
    reflection: loadReflectionPackage(),
  });
  await server.start();
  resources.defer(() => server.stop());
  deliveries = createGrpcClient(DeliveryServiceService, { address: `127.0.0.1:${server.port()}` });
  resources.defer(() => deliveries.close());
});

/** One attempt that succeeded, of an event of that time. Returns the ids. */
async function delivered(at: Date): Promise<{ eventId: string; id: string }> {
  const eventId = newId('evt', at.getTime());
  const id = deliveryId(eventId, SUBSCRIPTION);
  await owner.pool.query(
    `INSERT INTO hookline.attempt_log (attempt_id, delivery_id, subscription_id, tenant, event_id, event_type,
       event_recorded_at, sequence, number, started_at, duration_ms, url, outcome, trace_id, dispatcher_id,
       delivery_state, recorded_at)
     VALUES ($1, $2, $3, 'default', $4, 'server.started', $5, 1, 1, $5, 1, 'https://a.example', 'succeeded', '',
       'd', 'succeeded', $5)`,
    [newId('att'), id, SUBSCRIPTION, eventId, at],
  );
  return { eventId, id };
}

const list = (question: object) =>
  deliveries.listDeliveries(
    { ...ListDeliveriesRequest.create(), ...question },
    { apiKey: API_KEY },
  );

test('asked for deliveries of a dropped day, the API says that the day is gone, and answers the rest', async () => {
  for (const parent of ['event_log_server', 'attempt_log']) {
    await owner.pool.query('SELECT hookline.make_partition($1, $2)', [parent, OLD_DAY]);
  }
  const old = await delivered(OLD);
  const young = await delivered(new Date());
  const get = (id: string) => deliveries.getDelivery({ id }, { apiKey: API_KEY });
  assert.equal((await get(old.id)).attempts.length, 1);

  for (const parent of ['event_log_server', 'attempt_log'] as const) {
    await dropPartition(owner.pool, { parent, day: OLD_DAY, keepDays: 90 });
  }
  const gone = (thrown: unknown) => {
    const error = fromGrpcError(thrown);
    assert.ok(error instanceof DomainError);
    assert.equal(error.code, 'not_found');
    assert.match(error.message, new RegExp(`nothing is kept of ${OLD_DAY}.*retention time`));
    return true;
  };
  await assert.rejects(get(old.id), gone);
  await assert.rejects(list({ eventId: old.eventId }), gone);

  const startTime = new Date(OLD.getTime() - DAY_MS);
  const reaching = await list({ startTime, pageSize: 10 });
  assert.deepEqual(
    reaching.deliveries.map((delivery) => delivery.id),
    [young.id],
  );
  const before = await list({ startTime, endTime: new Date(OLD.getTime() + DAY_MS) });
  assert.deepEqual(before.deliveries, []);
  assert.equal((await get(young.id)).attempts.length, 1);
});
