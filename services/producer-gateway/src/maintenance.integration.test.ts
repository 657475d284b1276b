import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { acquireLease, migrate, openDatabase, releaseLease } from '@hookline/event-log';
import { StartError } from '@hookline/service-runtime';
import { createLogger } from '@hookline/telemetry';
import { createTestDatabase, eventually } from '@hookline/testing';
import { createMaintenance, refuseShortRetention } from './maintenance.ts';

const OLD_DAY = new Date(Date.now() - 120 * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
const logger = createLogger({ service: 'producer-gateway', level: 'silent' });

describe('maintenance', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let owner: ReturnType<typeof openDatabase>;
  let service: ReturnType<typeof openDatabase>;
  before(async () => {
    database = await createTestDatabase({ migrate });
    owner = openDatabase({ url: database.url });
    service = openDatabase({ url: database.url, role: 'hookline_service' });
    await owner.pool.query(
      "INSERT INTO hookline.tenant (name, tenant_id) VALUES ('default', 'ten_1')",
    );
  });
  after(async () => {
    await owner.close();
    await service.close();
    await database.drop();
  });

  const subscribe = async (id: string, hookNumber: number, retryPolicy: unknown) => {
    await owner.pool.query(
      `INSERT INTO hookline.subscription (subscription_id, tenant, hook_number, version, epoch,
         matches_from_epoch, state, document, created_at, updated_at)
       VALUES ($1, 'default', $2, 1, 1, 1, 'paused', $3, now(), now())`,
      [id, hookNumber, JSON.stringify({ settings: { retryPolicy }, secrets: [] })],
    );
  };
  const forget = (id: string) =>
    owner.pool.query(
      "UPDATE hookline.subscription SET state = 'deleted' WHERE subscription_id = $1",
      [id],
    );
  const makeOldDay = async () => {
    for (const parent of ['event_log_server', 'attempt_log', 'idempotency_key']) {
      await owner.pool.query('SELECT hookline.make_partition($1, $2)', [parent, OLD_DAY]);
    }
  };
  const daysKept = async () => {
    const { rows } = await owner.pool.query<{ parent: string }>(
      'SELECT parent FROM hookline.list_partitions() WHERE day = $1 ORDER BY 1',
      [OLD_DAY],
    );
    return rows.map(({ parent }) => parent);
  };
  const maintenance = (holder: string) =>
    createMaintenance({
      pool: service.pool,
      retentionDays: 90,
      dedupeDays: 7,
      holder,
      intervalMs: 50,
      logger,
    });

  test('a retention shorter than the longest retry policy and a day is refused, with the numbers', async () => {
    await refuseShortRetention(service.pool, 5);
    await assert.rejects(refuseShortRetention(service.pool, 4), (error) => {
      assert.ok(error instanceof StartError);
      assert.match(
        error.message,
        /HOOKLINE_RETENTION_DAYS is 4, and must be at least 5: the retry policy of preset "standard" may last 91 hours/,
      );
      return true;
    });
    await subscribe('sub_long', 1, { delaysMs: Array(14).fill(7 * 24 * 60 * 60 * 1000) });
    await assert.rejects(
      refuseShortRetention(service.pool, 98),
      /at least 100.*subscription sub_long/,
    );
    await refuseShortRetention(service.pool, 100);
  });

  test('while a policy is too long for the retention only keys are dropped; a deleted one does not count', async () => {
    await makeOldDay();
    const running = maintenance('gateway-1');
    await running.start();
    try {
      await eventually(async () => {
        assert.deepEqual(await daysKept(), ['attempt_log', 'event_log_server']);
      });
      await forget('sub_long');
      await eventually(async () => assert.deepEqual(await daysKept(), []));
    } finally {
      await running.stop();
    }
  });

  test('one gateway drops at a time: who has not the lease leaves old days alone', async () => {
    const lease = await acquireLease(service.pool, {
      name: 'maintenance',
      holder: 'another',
      durationMs: 60_000,
    });
    assert.ok(lease);
    await makeOldDay();
    await owner.pool.query(
      'DROP TABLE hookline.attempt_log_' +
        new Date().toISOString().slice(0, 10).replaceAll('-', ''),
    );
    const running = maintenance('gateway-2');
    await running.start();
    try {
      // Partitions are made without the lease, and before it is asked for.
      await eventually(async () => {
        const { rows } = await owner.pool.query(
          "SELECT FROM hookline.list_partitions() WHERE parent = 'attempt_log' AND day = current_date",
        );
        assert.equal(rows.length, 1);
      });
      assert.equal((await daysKept()).length, 3);
      await releaseLease(service.pool, lease);
      await eventually(async () => assert.deepEqual(await daysKept(), []));
    } finally {
      await running.stop();
    }
  });
});
