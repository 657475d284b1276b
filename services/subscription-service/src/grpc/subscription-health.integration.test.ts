import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { BreakerState, deliveryId, durationToMs, newId, Outcome, State } from '@hookline/contracts';
import { refusedWith, startTestService, type TestService } from '../test-service.ts';

let world: TestService;
before(async () => {
  world = await startTestService();
});
after(async () => {
  await world[Symbol.asyncDispose]();
});

/** Attempts as a dispatcher records them, `secondsAgo` from now. */
async function attempt(
  subscriptionId: string,
  ...attempts: { outcome: string; secondsAgo: number; durationMs: number }[]
): Promise<void> {
  for (const { outcome, secondsAgo, durationMs } of attempts) {
    const eventId = newId('evt');
    await world.database.pool.query(
      `INSERT INTO hookline.attempt_log (attempt_id, delivery_id, subscription_id, tenant, event_id, event_type,
         event_recorded_at, sequence, number, started_at, duration_ms, url, outcome, trace_id, dispatcher_id,
         delivery_state, recorded_at)
       VALUES ($1, $2, $3, 'default', $4, 'server.started', now(), 1, 1, now() - make_interval(secs => $5), $6,
         'https://receiver.example.com/', $7, '', 'dsp_1', 'dead', now() - make_interval(secs => $5))`,
      [
        newId('att'),
        deliveryId(eventId, subscriptionId),
        subscriptionId,
        eventId,
        secondsAgo,
        durationMs,
        outcome,
      ],
    );
  }
}

const healthOf = async (id: string) => {
  const { health } = await world.subscriptions.getSubscriptionHealth({ id }, world.asOperator);
  assert.ok(health);
  return health;
};

test('without any attempt everything is zero or absent, and another tenant’s is not found (P5)', async () => {
  const { id } = await world.create();
  const health = await healthOf(id);
  assert.equal(health.state, State.STATE_ACTIVE);
  assert.deepEqual(
    [health.waitingCount, health.deadLettersCount, health.consecutiveFailuresCount],
    [0n, 0n, 0n],
  );
  assert.deepEqual(
    [health.lastAttempt, health.lastSuccessTime, health.nextAttemptTime, health.disableTime],
    [undefined, undefined, undefined, undefined],
  );
  assert.deepEqual(
    health.statistics.map(({ attemptsCount, latencyP50, window }) => [
      attemptsCount,
      latencyP50,
      window && durationToMs(window),
    ]),
    [
      [0n, undefined, 3_600_000],
      [0n, undefined, 86_400_000],
    ],
  );
  const stranger = await world.keyOf('admin', 'stranger');
  await assert.rejects(
    world.subscriptions.getSubscriptionHealth({ id }, stranger),
    refusedWith(status.NOT_FOUND),
  );
});

test('attempts are summed up by window and outcome, and failures count since the last success', async () => {
  const { id } = await world.create();
  await attempt(
    id,
    { outcome: 'timeout', secondsAgo: 7_200, durationMs: 1_000 },
    { outcome: 'succeeded', secondsAgo: 600, durationMs: 10 },
    { outcome: 'http_error', secondsAgo: 300, durationMs: 20 },
    { outcome: 'http_error', secondsAgo: 200, durationMs: 30 },
    { outcome: 'gone', secondsAgo: 100, durationMs: 40 },
  );
  const health = await healthOf(id);
  assert.equal(health.consecutiveFailuresCount, 3n);
  assert.equal(health.lastAttempt?.outcome, Outcome.OUTCOME_GONE);
  const age = (time: Date | undefined) => (Date.now() - (time?.getTime() ?? 0)) / 1_000;
  assert.ok(Math.abs(age(health.lastSuccessTime) - 600) < 30);
  assert.ok(Math.abs(age(health.lastFailureTime) - 100) < 30);
  const [hour, day] = health.statistics;
  assert.deepEqual([hour?.attemptsCount, hour?.succeededCount], [4n, 1n]);
  assert.deepEqual([day?.attemptsCount, day?.succeededCount], [5n, 1n]);
  assert.deepEqual(
    new Map(day?.failures.map(({ outcome, count }) => [outcome, count])),
    new Map([
      [Outcome.OUTCOME_HTTP_ERROR, 2n],
      [Outcome.OUTCOME_GONE, 1n],
      [Outcome.OUTCOME_TIMEOUT, 1n],
    ]),
  );
  assert.equal(hour?.latencyP50 && durationToMs(hour.latencyP50), 25);
});

test('what waits, what died and what holds it back is counted', async () => {
  const { id } = await world.create();
  const { pool } = world.database;
  const dueAt = new Date(Date.now() + 60_000);
  for (const claimedBy of [null, null, 'dsp_1']) {
    await pool.query(
      `INSERT INTO hookline.schedule (delivery_id, subscription_id, tenant, event_id, event_type, event_recorded_at,
         line, sequence, due_at, attempts_count, attempt_number, claimed_by)
       VALUES ($1, $2, 'default', 'evt', 'x', $3, 'l', 1, $4, 0, 0, $5)`,
      [newId('dlv'), id, new Date(1_700_000_000_000), dueAt, claimedBy],
    );
  }
  await pool.query(
    'INSERT INTO hookline.backlog (subscription_id, waiting, blocked_until) VALUES ($1, 3, $2)',
    [id, dueAt],
  );
  await pool.query(
    `INSERT INTO hookline.dead_letter (delivery_id, subscription_id, tenant, event_id, event_type, event_recorded_at,
       line, sequence, attempts_count, cause, state)
     SELECT 'dlv_' || n, $1, 'default', 'evt', 'x', now(), 'l', 1, 1, 'timeout', CASE n WHEN 1 THEN 'open' ELSE 'discarded' END
     FROM generate_series(1, 2) n`,
    [id],
  );
  await pool.query("INSERT INTO hookline.dispatcher (dispatcher_id) VALUES ('dsp_1'), ('dsp_2')");
  const health = await healthOf(id);
  assert.deepEqual([health.waitingCount, health.inFlightCount], [2n, 1]);
  assert.equal(health.deadLettersCount, 1n);
  assert.deepEqual(health.oldestWaitingTime, new Date(1_700_000_000_000));
  assert.deepEqual([health.nextAttemptTime, health.blockedUntil], [dueAt, dueAt]);
  assert.deepEqual(
    [health.concurrencyLimit, health.breakerState, health.requestsPerSecondLimit],
    [16, BreakerState.BREAKER_STATE_UNSPECIFIED, 0],
    'two dispatchers that know nothing of it',
  );
  await world.subscriptions.pauseSubscription({ id, etag: '' }, world.asOperator);
  const paused = await healthOf(id);
  assert.deepEqual([paused.nextAttemptTime, paused.blockedUntil], [undefined, undefined]);
});

test('breaker, requests at once and rate are those of the living dispatchers together', async () => {
  const { id } = await world.create({ rateLimit: { requestsPerSecond: 10 } });
  const { pool } = world.database;
  await pool.query(`INSERT INTO hookline.dispatcher (dispatcher_id, heartbeat_at)
    VALUES ('dsp_1', now()), ('dsp_2', now()), ('dsp_gone', now() - interval '1 minute')
    ON CONFLICT DO NOTHING`);
  const write = (
    dispatcher: string,
    values: [breaker: string, limit: number, rate: number | null],
  ) =>
    pool.query('INSERT INTO hookline.endpoint_state VALUES ($1, $2, $3, $4, $5)', [
      ...[id, dispatcher],
      ...values,
    ]);
  await write('dsp_1', ['open', 3, 1.5]);
  await write('dsp_gone', ['open', 64, 99]);
  const one = await healthOf(id);
  assert.equal(one.breakerState, BreakerState.BREAKER_STATE_OPEN);
  assert.deepEqual([one.concurrencyLimit, one.requestsPerSecondLimit], [3 + 8, 1.5 + 5]);
  await pool.query("UPDATE hookline.endpoint_state SET breaker = 'half_open', rate = NULL");
  await write('dsp_2', ['closed', 1, 2]);
  const two = await healthOf(id);
  assert.equal(two.breakerState, BreakerState.BREAKER_STATE_HALF_OPEN);
  assert.deepEqual([two.concurrencyLimit, two.requestsPerSecondLimit], [4, 2 + 5]);
});

test('P7: lines that a failing head holds up are listed, the longest first, with what waits behind', async () => {
  const { id } = await world.create();
  const heads = [newId('dlv'), newId('dlv')];
  const insert = (row: readonly [string, string, number, Date | null, boolean]) =>
    world.database.pool.query(
      `INSERT INTO hookline.schedule (delivery_id, subscription_id, tenant, event_id, event_type, event_recorded_at,
         line, sequence, due_at, attempts_count, attempt_number, first_attempt_at, ordered, held)
       VALUES ($1, $2, 'default', 'evt', 'x', now(), $3, $4, CASE WHEN $6 THEN 'infinity' ELSE $7::timestamptz END,
         1, 1, $5, true, $6)`,
      [row[0], id, ...row.slice(1), dueAt],
    );
  const dueAt = new Date(Date.now() + 60_000);
  const [earlier, later] = [new Date(1_700_000_000_000), new Date(1_700_000_060_000)];
  await insert([heads[0] ?? '', 'default/s/srv_1', 5, later, false]);
  await insert([newId('dlv'), 'default/s/srv_1', 6, null, true]);
  await insert([newId('dlv'), 'default/s/srv_1', 7, null, true]);
  await insert([heads[1] ?? '', 'default/h/node-1', 1, earlier, true]);
  await insert([newId('dlv'), 'default/s/srv_well', 1, null, false]);
  const { blockedLines } = await healthOf(id);
  assert.deepEqual(blockedLines, [
    {
      ...{ subject: '', deliveryId: heads[1], sequence: 1n, waitingCount: 0n },
      ...{ blockTime: earlier, nextAttemptTime: undefined },
    },
    {
      ...{ subject: 'srv_1', deliveryId: heads[0], sequence: 5n, waitingCount: 2n },
      ...{ blockTime: later, nextAttemptTime: dueAt },
    },
  ]);
});

test('a ping without a dispatcher is UNAVAILABLE, and says what is missing', async () => {
  const { id } = await world.create();
  await assert.rejects(
    world.subscriptions.pingSubscription({ id }, world.asOperator),
    refusedWith(status.UNAVAILABLE, /no dispatcher is running/),
  );
  const viewer = await world.keyOf('viewer');
  await assert.rejects(
    world.subscriptions.pingSubscription({ id }, viewer),
    refusedWith(status.PERMISSION_DENIED),
  );
});
