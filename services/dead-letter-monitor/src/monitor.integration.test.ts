import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually, tempDir } from '@hookline/testing';
import { createFileMailer } from './mail/file-mailer.ts';
import type { Mail } from './mail/mail.ts';
import { openTestMonitor } from './test-monitor.ts';

const hour = 60 * 60 * 1000;
let world: Awaited<ReturnType<typeof openTestMonitor>>;

before(async () => {
  world = await openTestMonitor();
});
after(() => world[Symbol.asyncDispose]());

const stateOf = async (subscriptionId: string) =>
  (await world.store.get({ tenant: 'default', subscriptionId })).state;

/** A mailbox, and a monitor that runs while the body does. */
async function whileMonitoring(body: (mails: Mail[]) => Promise<void>): Promise<void> {
  const mails: Mail[] = [];
  const monitor = world.monitor(async (mail) => void mails.push(mail));
  await monitor.start();
  try {
    await body(mails);
  } finally {
    await monitor.stop();
  }
}

const handled = () => eventually(async () => assert.equal(await world.unhandled(), 0));

test('cdhosting: a dead delivery disables the subscription and tells its notification_emails once', async () => {
  const id = await world.subscribe();
  await whileMonitoring(async (mails) => {
    const delivery = await world.die(id);
    await eventually(() => assert.equal(mails.length, 1));
    assert.equal(await stateOf(id), 'disabled');
    assert.deepEqual(mails[0]?.recipients, ['ops@example.com']);
    assert.match(mails[0]?.text ?? '', new RegExp(`${id}[^]*${delivery}`));

    // Further deaths, before and after, are handled without a word; the next subscription's mail
    // shows that nothing else was on its way.
    await world.die(id);
    await handled();
    const other = await world.subscribe({ notificationEmails: [] });
    await world.die(other);
    await eventually(() => assert.equal(mails.length, 2));
    assert.deepEqual(mails[1]?.recipients, ['owner@example.com']);
  });
});

test('cdhosting: a success of another delivery since the first attempt keeps the subscription', async () => {
  const id = await world.subscribe();
  const firstAttemptAt = new Date(Date.now() - 3 * hour);
  await world.succeed(id, new Date(firstAttemptAt.getTime() + hour));
  await whileMonitoring(async (mails) => {
    await world.die(id, { firstAttemptAt });
    await handled();
    assert.equal(await stateOf(id), 'active');
    // A success from before the first attempt is none meanwhile.
    await world.die(id, { firstAttemptAt: new Date() });
    await eventually(() => assert.equal(mails.length, 1));
    assert.equal(await stateOf(id), 'disabled');
  });
});

test('preset none is never disabled by failures, and 410 disables and is told under any', async () => {
  const id = await world.subscribe({ retryPolicy: { preset: 'none' } });
  await whileMonitoring(async (mails) => {
    await world.die(id);
    await handled();
    assert.equal(await stateOf(id), 'active');
    await world.die(id, { cause: 'gone' });
    await eventually(() => assert.equal(mails.length, 1));
    assert.equal(await stateOf(id), 'disabled');
    assert.match(mails[0]?.text ?? '', /410 Gone/);
  });
});

test('two monitors at once disable once and write one mail for a subscription', async () => {
  const mails: Mail[] = [];
  const send = async (mail: Mail) => void mails.push(mail);
  const monitors = [world.monitor(send), world.monitor(send)];
  const ids = await Promise.all(Array.from({ length: 10 }, () => world.subscribe()));
  await Promise.all(ids.flatMap((id) => [world.die(id), world.die(id), world.die(id)]));
  await Promise.all(monitors.map((monitor) => monitor.start()));
  await handled();
  await eventually(() => assert.equal(mails.length, ids.length));
  await Promise.all(monitors.map((monitor) => monitor.stop()));
  assert.equal(new Set(mails.map((mail) => mail.id)).size, ids.length);
  const { rows } = await world.database.pool.query<{ count: bigint }>(
    `SELECT count(*) FROM hookline.event_log WHERE type = 'SubscriptionDisabled'
      AND stream LIKE ANY($1)`,
    [ids.map((id) => `%${id}`)],
  );
  assert.equal(rows[0]?.count, BigInt(ids.length));
});

test('a kill between disabling and the mail loses no mail and repeats none', async () => {
  const id = await world.subscribe();
  const mails: Mail[] = [];
  const killed = world.monitor(async (mail) => void mails.push(mail), {
    subscriptions: {
      ...world.subscriptions,
      async disable(command) {
        await world.subscriptions.disable(command);
        throw new Error('killed');
      },
    },
  });
  await world.die(id);
  await killed.start();
  await eventually(async () => assert.equal(await stateOf(id), 'disabled'));
  await killed.stop();
  assert.equal(mails.length, 0);
  assert.equal(await world.unhandled(), 1);
  await whileMonitoring(async (received) => {
    await eventually(() => assert.equal(received.length, 1));
    await handled();
  });
});

test('a subscription that cannot be handled holds up no other', async () => {
  const broken = await world.subscribe();
  const sound = await world.subscribe();
  const mails: Mail[] = [];
  const monitor = world.monitor(async (mail) => void mails.push(mail), {
    subscriptions: {
      ...world.subscriptions,
      async find(name) {
        if (name.subscriptionId === broken) throw new Error('cannot be read');
        return await world.subscriptions.find(name);
      },
    },
  });
  await world.die(broken);
  await world.die(sound);
  await monitor.start();
  await eventually(() => assert.equal(mails.length, 1));
  await monitor.stop();
  assert.equal(await stateOf(sound), 'disabled');
  assert.equal(await world.unhandled(), 1);
  await whileMonitoring((received) => eventually(() => assert.equal(received.length, 1)));
});

test('a mail that fails is recorded and tried again', async () => {
  const id = await world.subscribe();
  const failing = world.monitor(() => Promise.reject(new Error('421 come back later')));
  await world.die(id);
  await failing.start();
  const row = () =>
    world.database.kysely
      .selectFrom('hookline.notification')
      .selectAll()
      .where('subscription_id', '=', id)
      .executeTakeFirstOrThrow();
  await eventually(async () => assert.equal((await row()).error, '421 come back later'));
  await failing.stop();
  const failed = await row();
  assert.equal(failed.tries, 1);
  const waitMs = failed.next_try_at.getTime() - Date.now();
  assert.ok(waitMs > 20_000 && waitMs <= 30_000, `next try in ${waitMs} ms`);

  await world.database.kysely
    .updateTable('hookline.notification')
    .set({ next_try_at: new Date() })
    .where('subscription_id', '=', id)
    .execute();
  await whileMonitoring((mails) => eventually(() => assert.equal(mails.length, 1)));
  assert.notEqual((await row()).sent_at, null);
});

test('without an SMTP server mails are files that only their owner can read', async () => {
  await using folder = await tempDir('mails');
  const mailFolder = join(folder.path, 'mail');
  const monitor = world.monitor(
    createFileMailer({ folder: mailFolder, from: 'Hookline <hookline@localhost>' }),
  );
  const id = await world.subscribe();
  await world.die(id);
  await monitor.start();
  const name = await eventually(async () => {
    const [first] = (await readdir(mailFolder)).filter((file) => file.endsWith('.eml'));
    assert.ok(first);
    return first;
  });
  await monitor.stop();
  assert.match(name, /^\d{8}T\d{6}Z-[0-9a-f-]{36}\.eml$/);
  assert.equal((await stat(join(mailFolder, name))).mode & 0o777, 0o600);
  const text = await readFile(join(mailFolder, name), 'utf8');
  assert.match(text, /^To: ops@example\.com\r$/m);
  assert.match(text, /^Subject: Webhook disabled: the shop\r$/m);
});
