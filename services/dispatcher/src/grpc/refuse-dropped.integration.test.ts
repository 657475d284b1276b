import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DomainError, deliveryId, newId } from '@hookline/contracts';
import { dropPartition, migrate, openDatabase } from '@hookline/event-log';
import { createTestDatabase } from '@hookline/testing';
import { listDeliveries } from '../postgres/list-deliveries.ts';
import { refuseDropped } from './refuse-dropped.ts';

const OLD_TIME = Date.now() - 120 * 24 * 60 * 60 * 1000;
const OLD_DAY = new Date(OLD_TIME).toISOString().slice(0, 10);

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: ReturnType<typeof openDatabase>;
before(async () => {
  database = await createTestDatabase({ migrate });
  owner = openDatabase({ url: database.url });
});
after(async () => {
  await owner?.close();
  await database?.drop();
});

test('a delivery of a dropped day is not found because it is older than the retention time, and a younger one is just not found', async () => {
  const eventId = newId('evt', OLD_TIME);
  const subscriptionId = newId('sub');
  const id = deliveryId(eventId, subscriptionId);
  for (const parent of ['event_log_server', 'attempt_log']) {
    await owner.pool.query('SELECT hookline.make_partition($1, $2)', [parent, OLD_DAY]);
  }
  const attempt = (attemptId: string, number: number, recordedAt: Date) =>
    owner.pool.query(
      `INSERT INTO hookline.attempt_log (attempt_id, delivery_id, subscription_id, tenant, event_id, event_type,
         event_recorded_at, sequence, number, started_at, duration_ms, url, outcome, trace_id, dispatcher_id,
         delivery_state, recorded_at)
       VALUES ($1, $2, $3, 'default', $4, 'server.started', $5, 1, $6, $7, 1, 'https://a.example', 'timeout', '',
         'd', 'scheduled', $7)`,
      [attemptId, id, subscriptionId, eventId, new Date(OLD_TIME), number, recordedAt],
    );
  const list = async () =>
    (await listDeliveries(owner.pool, { tenant: 'default', deliveryId: id, limit: 1 })).rows;
  await attempt('att_1', 1, new Date(OLD_TIME));
  await attempt('att_2', 2, new Date());
  await owner.pool.query(
    `INSERT INTO hookline.schedule (delivery_id, subscription_id, tenant, event_id, event_type, event_recorded_at,
       line, sequence, due_at, attempts_count, attempt_number)
     VALUES ($1, $2, 'default', $3, 'server.started', $4, 'default/s/x', 1, now(), 2, 2)`,
    [id, subscriptionId, eventId, new Date(OLD_TIME)],
  );
  assert.equal((await list())[0]?.state, 'scheduled');
  await refuseDropped(owner, `delivery "${id}"`, id);

  for (const parent of ['event_log_server', 'attempt_log'] as const) {
    assert.equal(
      await dropPartition(owner.pool, { parent, day: OLD_DAY, keepDays: 90 }),
      'dropped',
    );
  }
  assert.equal(
    (await list())[0]?.state,
    'expired',
    'a later attempt is there, and tells the state',
  );
  await assert.rejects(refuseDropped(owner, `delivery "${id}"`, id), (error) => {
    assert.ok(error instanceof DomainError);
    assert.equal(error.code, 'not_found');
    assert.match(
      error.message,
      new RegExp(`${id}.*${OLD_DAY}, which is older than the retention time`),
    );
    return true;
  });
  const young = deliveryId(newId('evt'), subscriptionId);
  await refuseDropped(owner, `delivery "${young}"`, young);
});
