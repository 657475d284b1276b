import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  decodePingReply,
  deliveryId,
  encodePing,
  newId,
  PING_TYPE,
  subjects,
} from '@hookline/contracts';
import { listAttemptsOfDelivery } from '@hookline/event-log';
import { ask } from '@hookline/messaging';
import { createSystemResolver } from '@hookline/safe-http';
import type { SubscriptionTarget } from '@hookline/subscriptions';
import {
  eventually,
  forbiddenHosts,
  startDnsServer,
  startReceiver,
  startTestProxy,
} from '@hookline/testing';
import { verifyStandardWebhook } from '@hookline/webhook-signature';
import { listDeliveries } from './postgres/list-deliveries.ts';
import type { RunningDispatcher } from './service.ts';
import { startTestDispatchers, type TestDispatchers } from './test-dispatcher.ts';

let world: TestDispatchers;
let dispatcher: RunningDispatcher;
before(async () => {
  world = await startTestDispatchers();
});
after(async () => {
  await world[Symbol.asyncDispose]();
});

async function ping(target: SubscriptionTarget, given: { tenant?: string } = {}) {
  const { tenant, subscriptionId } = { ...target, ...given };
  const eventId = newId('evt');
  const expiresAtMs = Date.now() + 10_000;
  const text = encodePing({ tenant, subscriptionId, eventId, expiresAtMs });
  const reply = await ask(world.nats, subjects.ping, { text, timeoutMs: 10_000 });
  const kind = reply.kind === 'answered' ? decodePingReply(reply.text).kind : reply.kind;
  return { kind, eventId, delivery: deliveryId(eventId, subscriptionId) };
}

const attemptsOf = (delivery: string) =>
  listAttemptsOfDelivery(world.database.kysely, { tenant: 'default', deliveryId: delivery });

test('without a dispatcher a ping is answered at once: nobody is there', async () => {
  const target = await world.subscribe({ url: 'http://127.0.0.1:9/', type: 'x' });
  assert.equal((await ping(target)).kind, 'nobody');
});

test('P2, P3: a ping goes out whatever filter and state, signed, once, and is on record', async () => {
  dispatcher = await world.startDispatcher();
  const receiver = await startReceiver();
  const target = await world.subscribe({
    url: `${receiver.url}/hook?shop=7`,
    type: 'server.never',
  });
  const active = await ping(target);
  await world.store.pause(target);
  const paused = await ping(target);
  await world.store.disable({ ...target, reason: 'test' });
  const disabled = await ping(target);
  assert.deepEqual(
    receiver.requests.map(({ headers }) => headers['webhook-id']),
    [active, paused, disabled].map(({ delivery }) => delivery),
  );
  for (const [index, { kind, eventId, delivery }] of [active, paused, disabled].entries()) {
    assert.equal(kind, 'attempted');
    const request = receiver.requests[index];
    assert.ok(request);
    const { headers, body } = request;
    const secrets = [target.secret];
    const verdict = verifyStandardWebhook({
      headers,
      body,
      secrets,
      nowSeconds: Date.now() / 1_000,
    });
    assert.equal(verdict.kind, 'verified');
    const sent = JSON.parse(body.toString()) as { type: string; id: string; data: unknown };
    assert.deepEqual([sent.type, sent.id], [PING_TYPE, eventId]);
    assert.deepEqual(sent.data, { subscription_id: target.subscriptionId });
    const [attempt, ...others] = await attemptsOf(delivery);
    assert.deepEqual([attempt?.outcome, attempt?.delivery_state], ['succeeded', 'succeeded']);
    assert.deepEqual(others, []);
  }
  await receiver.stop();
});

test('a failed ping is one attempt: no retry, no dead letter, nothing left in the schedule', async () => {
  const receiver = await startReceiver({ respond: 500 });
  const target = await world.subscribe({
    url: receiver.url,
    type: 'server.never',
    retryPolicy: { preset: 'standard' },
  });
  const { kind, delivery } = await ping(target);
  assert.equal(kind, 'attempted');
  const [attempt] = await attemptsOf(delivery);
  assert.deepEqual([attempt?.outcome, attempt?.http_status], ['http_error', 500]);
  const {
    rows: [listed],
  } = await listDeliveries(world.database.pool, {
    tenant: 'default',
    deliveryId: delivery,
    limit: 1,
  });
  assert.deepEqual([listed?.state, listed?.next_attempt_at], ['dead', null]);
  for (const table of ['schedule', 'dead_letter'] as const) {
    const rows = await world.database.kysely
      .selectFrom(`hookline.${table}`)
      .select('delivery_id')
      .where('delivery_id', '=', delivery)
      .execute();
    assert.deepEqual(rows, [], table);
  }
  await receiver.stop();
});

test('P3: a ping that a dead dispatcher may have sent is on record as unknown and is not sent again', async () => {
  const receiver = await startReceiver();
  const target = await world.subscribe({ url: receiver.url, type: 'server.after' });
  const delivery = deliveryId(newId('evt'), target.subscriptionId);
  await world.database.pool.query(
    `INSERT INTO hookline.schedule (delivery_id, subscription_id, tenant, event_id, event_type, event_recorded_at,
       line, sequence, due_at, attempts_count, attempt_number, claimed_by, claim, claimed_at)
     VALUES ($1, $2, 'default', $3, 'hookline.ping', now(), 'default/h/hookline', 0, now(), 0, 0, 'dsp_gone', 1, now())`,
    [delivery, target.subscriptionId, newId('evt')],
  );
  await world.database.pool.query(
    'INSERT INTO hookline.backlog (subscription_id, waiting) VALUES ($1, 1)',
    [target.subscriptionId],
  );
  await eventually(
    async () => {
      const attempts = await attemptsOf(delivery);
      assert.deepEqual(
        attempts.map(({ outcome, delivery_state }) => [outcome, delivery_state]),
        [['unknown', 'dead']],
      );
    },
    { timeoutMs: 15_000 },
  );
  const later = await world.publish('server.after');
  await receiver.waitFor(1, 5_000);
  assert.equal(receiver.requests[0]?.headers['hookline-event-id'], later.event.id);
  await receiver.stop();
});

test('more pings of one endpoint than four at once are answered busy, and strangers’ are not found (P5)', async () => {
  const receiver = await startReceiver({ respond: { kind: 'hang' } });
  const target = await world.subscribe({
    url: receiver.url,
    type: 'server.never',
    timeoutMs: 1_000,
  });
  assert.equal((await ping(target, { tenant: 'other' })).kind, 'not_found');
  const kinds = await Promise.all(Array.from({ length: 6 }, () => ping(target)));
  assert.deepEqual(kinds.map(({ kind }) => kind).toSorted(), [
    ...Array.from({ length: 4 }, () => 'attempted'),
    'busy',
    'busy',
  ]);
  await world.store.delete(target);
  assert.equal((await ping(target)).kind, 'not_found');
  await receiver.stop();
});

/** No subnet is opened: an empty variable counts as unset. */
const CLOSED = { HOOKLINE_ALLOW_SUBNETS: '', HOOKLINE_ALLOW_HTTP: 'true' };

test('P6: no ping reaches what is not public: every form of an address, names of every kind, with a proxy and without', async (t) => {
  await dispatcher.stop();
  const dns = await startDnsServer();
  const receiver = await startReceiver();
  const proxy = await startTestProxy({ answer: { kind: 'tunnel', port: receiver.port } });
  const addresses = (...given: string[]) => ({ kind: 'addresses', addresses: given }) as const;
  dns.set('loopback.test', addresses('127.0.0.1'));
  dns.set('mixed.test', addresses('93.184.216.34', '127.0.0.1'));
  dns.set('both.test', addresses('93.184.216.34', '::1'));
  // The host of the forms that hide another one.
  dns.set('example.com', addresses('127.0.0.1'));
  dns.set('alias.test', { kind: 'cname', to: 'loopback.test' });
  const resolve = createSystemResolver({ servers: [dns.address] });
  const names = ['loopback.test', 'mixed.test', 'both.test', 'alias.test'];
  const hosts = [...Object.values(forbiddenHosts).flat(), ...names];
  const targets = await Promise.all(
    hosts.map((host) =>
      world.subscribe({ url: `http://${host}:${receiver.port}/`, type: 'server.never' }),
    ),
  );
  for (const more of [{}, { HOOKLINE_HTTP_PROXY: proxy.url }]) {
    const strict = await world.startDispatcher({
      env: { ...CLOSED, ...more },
      around: { resolve },
    });
    // Fewer at once than are answered busy.
    for (let first = 0; first < hosts.length; first += 32) {
      const group = targets.slice(first, first + 32);
      const sent = await Promise.all(group.map((target) => ping(target)));
      const outcomes = await Promise.all(
        sent.map(async ({ kind, delivery }) => [kind, (await attemptsOf(delivery))[0]?.outcome]),
      );
      for (const [at, outcome] of outcomes.entries()) {
        assert.deepEqual(outcome, ['attempted', 'address_refused'], hosts[first + at]);
      }
    }
    await strict.stop();
  }
  t.diagnostic(`${hosts.length} forms, each without and with a proxy`);
  assert.equal(receiver.connections().accepted, 0);
  assert.equal(proxy.accepted(), 0);
  await Promise.all([dns, receiver, proxy].map((each) => each.stop()));
});
