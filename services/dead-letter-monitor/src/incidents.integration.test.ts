import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '@hookline/contracts';
import { insertRejected } from '@hookline/event-log';
import { eventually, startSmtpServer } from '@hookline/testing';
import type { Mail } from './mail/mail.ts';
import { createSmtpMailer } from './mail/smtp-mailer.ts';
import { openTestMonitor } from './test-monitor.ts';

let world: Awaited<ReturnType<typeof openTestMonitor>>;

before(async () => {
  world = await openTestMonitor();
});
after(() => world[Symbol.asyncDispose]());

type Given = NonNullable<Parameters<typeof world.monitor>[1]>;

/** A mailbox, and a monitor that runs while the body does. */
async function whileMonitoring<T>(
  body: (mails: Mail[]) => Promise<T>,
  given: Given = {},
): Promise<T> {
  const mails: Mail[] = [];
  const monitor = world.monitor(async (mail) => void mails.push(mail), given);
  await monitor.start();
  try {
    return await body(mails);
  } finally {
    await monitor.stop();
  }
}

const handled = () => eventually(async () => assert.equal(await world.unhandled(), 0));
const incidentsOf = (subscriptionId: string) =>
  world.database.kysely
    .selectFrom('hookline.incident')
    .selectAll()
    .where('subscription_id', '=', subscriptionId)
    .orderBy('cause')
    .execute();
const incidentOfKind = (kind: string) =>
  world.database.kysely
    .selectFrom('hookline.incident')
    .selectAll()
    .where('kind', '=', kind)
    .executeTakeFirst();

test('failures of one cause are one incident with a count, told by one mail; a restart and a second monitor repeat neither', async () => {
  const id = await world.subscribe({ retryPolicy: { preset: 'none' } });
  const diedAt = new Date(Date.now() - 60 * 60 * 1000);
  const die = (count: number, cause: string) =>
    Promise.all(Array.from({ length: count }, () => world.die(id, { cause, diedAt })));
  await Promise.all([die(60, 'timeout'), die(40, 'http_error')]);
  const mails: Mail[] = [];
  const send = async (mail: Mail) => void mails.push(mail);
  const monitors = [world.monitor(send), world.monitor(send)];
  await Promise.all(monitors.map((monitor) => monitor.start()));
  await handled();
  const found = await eventually(async () => {
    const incidents = await incidentsOf(id);
    assert.ok(incidents.every(({ told_at }) => told_at !== null));
    return incidents;
  });
  assert.deepEqual(
    found.map(({ kind, cause, count }) => [kind, cause, count]),
    [
      ['deliveries_dead', 'http_500', 40n],
      ['deliveries_dead', 'timeout', 60n],
    ],
  );
  await eventually(() => assert.equal(mails.length, 2));
  await Promise.all(monitors.map((monitor) => monitor.stop()));
  // While no monitor runs dead letters wait for it, and are counted where the others were.
  await die(10, 'timeout');
  await whileMonitoring(async (later) => {
    await handled();
    const other = await world.subscribe();
    await world.die(other);
    await eventually(() => assert.equal(later.length, 1));
    assert.match(later[0]?.text ?? '', new RegExp(other));
  });
  const [, timeouts] = await incidentsOf(id);
  assert.equal(timeouts?.count, 70n);
  const letters = await world.database.kysely
    .selectFrom('hookline.dead_letter')
    .select('delivery_id')
    .where('incident_id', '=', timeouts?.incident_id ?? '')
    .execute();
  assert.equal(letters.length, 70);
});

test('an incident is over when what died was delivered or discarded, and opens anew afterwards', async () => {
  const id = await world.subscribe({ retryPolicy: { preset: 'none' } });
  await world.die(id);
  await whileMonitoring(async () => {
    await handled();
    await world.database.kysely
      .updateTable('hookline.dead_letter')
      .set({ state: 'delivered' })
      .where('subscription_id', '=', id)
      .execute();
    await eventually(async () => assert.equal((await incidentsOf(id))[0]?.state, 'resolved'));
    await world.die(id);
    await eventually(async () => {
      const states = (await incidentsOf(id)).map(({ state }) => state);
      assert.deepEqual(states.sort(), ['open', 'resolved']);
    });
  });
});

test('what Hookline tells of itself goes to those who subscribe, never about themselves, and feeds on nothing', async () => {
  const own = { types: ['hookline.*'], statuses: [], phases: [], subjects: [], attributes: [] };
  const watcher = await world.subscribe({ filter: own, retryPolicy: { preset: 'none' } });
  const failing = await world.subscribe();
  const told = async () => {
    const { rows } = await world.database.pool.query<{ type: string; about: string | null }>(
      `SELECT type, data::json ->> 'subscription_id' AS about FROM hookline.event_log
       WHERE kind = 'server' AND type LIKE 'hookline.%' ORDER BY position`,
    );
    return rows.map(({ type, about }) => [type, about]);
  };
  await whileMonitoring(async () => {
    const before = (await told()).length;
    // A delivery of one of Hookline's own events that dies is told to nobody, nor is the watcher of itself.
    await world.die(watcher, { eventType: 'hookline.delivery.dead' });
    await world.die(watcher);
    await world.die(failing);
    await eventually(async () => assert.equal((await told()).length, before + 2));
    assert.deepEqual((await told()).slice(before), [
      ['hookline.delivery.dead', failing],
      ['hookline.subscription.disabled', failing],
    ]);
    await world.store.resume({ tenant: 'default', subscriptionId: failing, actor: 'test' });
    await eventually(async () => {
      assert.deepEqual((await told()).at(-1), ['hookline.subscription.recovered', failing]);
    });
    await eventually(async () => {
      const states = (await incidentsOf(failing)).map(({ kind, state }) => `${kind} ${state}`);
      assert.ok(states.includes('deliveries_dead open'), states.join());
    });
  });
  await world.store.delete({ tenant: 'default', subscriptionId: watcher, actor: 'test' });
});

test('with re_enable "probe" the endpoint is asked until it answers, and its answer enables the subscription', async () => {
  const id = await world.subscribe({ options: { re_enable: 'probe' } });
  const manual = await world.subscribe();
  const asked: string[] = [];
  let isUp = false;
  const ping = async (question: string) => {
    const { subscriptionId, eventId } = JSON.parse(question);
    asked.push(subscriptionId);
    await world.ping(subscriptionId, { eventId, outcome: isUp ? 'succeeded' : 'timeout' });
    return { kind: 'answered', text: JSON.stringify({ kind: 'attempted' }) } as const;
  };
  const due = () =>
    world.database.kysely
      .updateTable('hookline.incident')
      .set({ probe_at: new Date() })
      .where('probe_at', 'is not', null)
      .execute();
  const stateOf = async () =>
    (await world.store.get({ tenant: 'default', subscriptionId: id })).state;
  await whileMonitoring(
    async (mails) => {
      await world.die(id);
      await world.die(manual);
      await eventually(() => assert.equal(mails.length, 2));
      assert.ok(mails.some(({ text }) => /asks the endpoint again and again/.test(text)));
      await due();
      await eventually(() => assert.equal(asked.length, 1));
      assert.equal(await stateOf(), 'disabled');
      isUp = true;
      await due();
      await eventually(async () => assert.equal(await stateOf(), 'active'));
      assert.deepEqual(asked, [id, id]);
    },
    { ping },
  );
});

test('missed_since covers what was accepted before the disabling and matched after it', async () => {
  const id = await world.subscribe();
  const acceptedAt = new Date(Date.now() - 120_000);
  await world.database.pool.query(
    `INSERT INTO hookline.outbox (position, event_id, recorded_at, line, sequence, subscription_epoch)
     VALUES (0, $1, $2, 'default/s/srv_1', 1, 0)`,
    [newId('evt'), acceptedAt],
  );
  await whileMonitoring(async (mails) => {
    await world.die(id);
    await eventually(() => assert.equal(mails.length, 1));
  });
  await world.database.pool.query('DELETE FROM hookline.outbox WHERE position = 0');
  const target = { tenant: 'default', subscriptionId: id, actor: 'test' };
  const { missedSince } = await world.store.resume(target);
  assert.ok(missedSince && missedSince <= acceptedAt, `missed since ${missedSince?.toISOString()}`);
});

test('rejected messages are one incident for each host and cause; those of no tenant are the operator’s', async () => {
  const reject = (given: { tenant: string; host: string; count: number }) =>
    insertRejected(
      world.database.pool,
      Array.from({ length: given.count }, () => ({
        dedupeKey: newId('rej'),
        tenant: given.tenant,
        host: given.host,
        channel: 'nats' as const,
        subject: `hv.${given.tenant}.${given.host}.server.started`,
        headers: {},
        code: 'invalid_json',
        reason: 'the message is not JSON',
        payload: Buffer.from('x'),
      })),
    );
  await reject({ tenant: 'default', host: 'node-1', count: 600 });
  await reject({ tenant: 'nobody', host: 'node-9', count: 2 });
  await whileMonitoring(async (mails) => {
    await eventually(async () => {
      const { rows } = await world.database.pool.query(
        `SELECT host, cause, count, tenant FROM hookline.incident
         WHERE kind = 'ingest_rejected' ORDER BY host`,
      );
      assert.deepEqual(rows, [
        { host: 'node-1', cause: 'invalid_json', count: 600n, tenant: 'default' },
        { host: 'node-9', cause: 'invalid_json', count: 2n, tenant: 'default' },
      ]);
    });
    await eventually(() => assert.equal(mails.length, 2));
    assert.ok(mails.every(({ recipients }) => recipients[0] === 'owner@example.com'));
    await world.database.pool.query('UPDATE hookline.rejected SET resolved_at = now()');
    await eventually(async () => {
      assert.equal((await incidentOfKind('ingest_rejected'))?.state, 'resolved');
    });
  });
});

test('a silent agent, a stuck outbox, a held-up line and a lagging read model become incidents, and are over when they are', async () => {
  const ordered = await world.subscribe({ ordering: 'per_server' });
  await world.database.pool.query(
    `INSERT INTO hookline.lease VALUES ('ingest:all', 'test', 1, now() + interval '1 hour'),
       ('projection:server', 'test', 1, now());
     INSERT INTO hookline.agent (tenant, host, first_seen_at, last_seen_at, last_heartbeat_at)
       VALUES ('default', 'silent', now() - interval '1 day', now() - interval '1 hour', now() - interval '1 hour'),
         ('default', 'heard', now() - interval '1 day', now(), now()),
         ('default', 'quiet', now() - interval '1 day', now() - interval '1 hour', NULL);
     INSERT INTO hookline.outbox VALUES (1, 'evt_1', now() - interval '10 minutes', 'default/s/srv_1', 1, 0, NULL);
     INSERT INTO hookline.projection (name, slot, version, checkpoint, updated_at)
       VALUES ('server', 'live', 1, '0:0:0', now() - interval '10 minutes');
     SELECT nextval('hookline.event_position')`,
  );
  await world.database.pool.query(
    `INSERT INTO hookline.schedule (delivery_id, subscription_id, tenant, event_id, event_type, event_recorded_at,
       line, sequence, due_at, attempts_count, attempt_number, first_attempt_at, ordered, held)
     VALUES ('dlv_1', $1, 'default', 'evt_1', 'server.started', now(), 'default/s/srv_1', 1, 'infinity', 5, 5,
       now(), true, true)`,
    [ordered],
  );
  const kinds = ['agent_silent', 'outbox_stuck', 'ordered_head_stuck', 'projection_lagging'];
  const states = async () => {
    const rows = await world.database.kysely
      .selectFrom('hookline.incident')
      .select(['kind', 'state', 'host'])
      .where('kind', 'in', kinds)
      .orderBy('kind')
      .execute();
    return rows.map(({ kind, state, host }) => `${kind} ${state} ${host ?? ''}`.trim());
  };
  await whileMonitoring(async (mails) => {
    await eventually(async () =>
      assert.deepEqual(await states(), [
        'agent_silent open silent',
        'ordered_head_stuck open',
        'outbox_stuck open',
        'projection_lagging open',
      ]),
    );
    await eventually(() => assert.equal(mails.length, 4));
    await world.database.pool.query(
      `UPDATE hookline.agent SET last_seen_at = now(); DELETE FROM hookline.outbox;
       DELETE FROM hookline.schedule; UPDATE hookline.projection SET updated_at = now()`,
    );
    await eventually(async () =>
      assert.ok((await states()).every((text) => text.includes('resolved'))),
    );
    assert.equal(mails.length, 4);
  });
});

test('an SMTP server that refuses, greylists or hangs loses no mail: it is tried again, and shown as an incident', async () => {
  await using smtp = await startSmtpServer({ RCPT: '451 4.7.1 greylisted, come back later' });
  const mailer = createSmtpMailer({ url: smtp.url, from: 'hookline@localhost', timeoutMs: 100 });
  const monitor = world.monitor(mailer);
  const id = await world.subscribe();
  const tryAgain = () =>
    world.database.kysely
      .updateTable('hookline.notification')
      .set({ next_try_at: new Date() })
      .where('subscription_id', '=', id)
      .execute();
  const failedWith = (error: RegExp) =>
    eventually(async () => {
      const row = await incidentOfKind('notification_failed');
      assert.match(row?.summary ?? '', error);
      assert.equal(row?.state, 'open');
    });
  await monitor.start();
  await world.die(id);
  await failedWith(/greylisted/);
  smtp.answerWith({ MAIL: '550 5.7.1 not from you' });
  await tryAgain();
  await failedWith(/not from you/);
  smtp.answerWith({ GREETING: 'hang' });
  await tryAgain();
  await failedWith(/[Tt]imeout|[Gg]reeting/);
  smtp.answerWith({});
  await tryAgain();
  await eventually(() => assert.equal(smtp.mails.length, 1));
  await eventually(async () => {
    assert.equal((await incidentOfKind('notification_failed'))?.state, 'resolved');
  });
  await monitor.stop();
  assert.match(smtp.mails[0] ?? '', /Webhook disabled/);
});
