import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DomainError } from '@hookline/contracts';
import type { Database } from '@hookline/event-log';
import { eventually } from '@hookline/testing';
import { openTestStore, settingsOf, testSealer } from '../fixtures.ts';
import { createSubscriptionStore, type SubscriptionStore } from '../store/subscription-store.ts';
import { WATCHERS_PER_TENANT_MAX } from './change-feed.ts';
import {
  createSubscriptionWatch,
  type SubscriptionWatch,
  type WatchMessage,
} from './watch-subscriptions.ts';

const actor = 'key:test';
let opened: Awaited<ReturnType<typeof openTestStore>>;
let database: Database;
let store: SubscriptionStore;
let watching: SubscriptionWatch;

before(async () => {
  opened = await openTestStore(['default', 'other', 'busy', 'slow', 'many', 'racing']);
  database = opened.database;
  store = createSubscriptionStore(database, { sealer: testSealer });
  watching = createSubscriptionWatch(database, { sealer: testSealer, pollMs: 20 });
});

after(async () => {
  await watching.stop();
  await opened[Symbol.asyncDispose]();
});

const refusedWith = (code: string) => (error: unknown) =>
  error instanceof DomainError && error.code === code;

async function createOne(tenant = 'default', description = '') {
  const made = await store.create({ tenant, actor, settings: settingsOf({ description }) });
  return { tenant, actor, subscriptionId: made.subscription.id };
}

/** A watch as a client holds it. */
function open(tenant: string, resumeToken = '') {
  const abort = new AbortController();
  const messages = watching.watch({ tenant, resumeToken, signal: abort.signal });
  return {
    messages,
    async take(count: number): Promise<WatchMessage[]> {
      const taken: WatchMessage[] = [];
      while (taken.length < count) {
        const { value } = await messages.next();
        assert.ok(value, 'the watch ended');
        taken.push(value);
      }
      return taken;
    },
    /** Up to the first heartbeat, which is the last of them. */
    async takeAll(): Promise<WatchMessage[]> {
      const taken: WatchMessage[] = [];
      while (taken.length === 0 || taken.at(-1)?.change !== undefined) {
        taken.push(...(await this.take(1)));
      }
      return taken;
    },
    /** So many changes, of one subscription if named, however many heartbeats come between them. */
    async takeChanges(count: number, subscriptionId?: string): Promise<WatchMessage[]> {
      const taken: WatchMessage[] = [];
      while (taken.length < count) {
        const [message] = await this.take(1);
        if (message?.change === undefined) continue;
        const { id } = message.change.subscription;
        if (subscriptionId === undefined || subscriptionId === id) taken.push(message);
      }
      return taken;
    },
    async close() {
      abort.abort();
      await messages.return(undefined);
    },
  };
}

const told = (messages: readonly WatchMessage[]) =>
  messages.map(({ change }) => [
    change?.kind,
    change?.subscription.id,
    change?.subscription.version,
  ]);

test('what is there is told first, without tokens, then a heartbeat with one, then every change in order', async () => {
  const target = await createOne();
  const id = target.subscriptionId;
  const gone = await createOne();
  await store.delete(gone);
  await createOne('other');
  const client = open('default');
  const [existing, heartbeat] = await client.take(2);
  assert.deepEqual(existing, {
    resumeToken: '',
    change: { kind: 'existing', subscription: await store.get(target) },
  });
  assert.equal(heartbeat?.change, undefined);
  assert.notEqual(heartbeat?.resumeToken, '');

  await store.pause(target);
  await store.rotateSecret(target, { overlapMs: 0 });
  await store.disable({ ...target, reason: 'test', actor: 'system:test' });
  await store.update(target, (current) => ({ ...current, description: 'mended' }));
  await store.delete(target);
  const changes = await client.takeChanges(6, id);
  assert.deepEqual(told(changes), [
    ['paused', id, 2],
    ['secret_rotated', id, 3],
    ['disabled', id, 4],
    ['updated', id, 5],
    ['resumed', id, 6],
    ['deleted', id, 6],
  ]);
  assert.deepEqual(
    changes.map(({ change }) => change?.actor),
    [actor, actor, 'system:test', actor, actor, actor],
  );
  assert.deepEqual(
    changes.map(({ change }) => change?.subscription.state),
    ['paused', 'paused', 'disabled', 'disabled', 'active', 'active'],
  );
  await client.close();
  for (const [index, { resumeToken }] of changes.entries()) {
    const again = open('default', resumeToken);
    const rest = await again.takeAll();
    assert.deepEqual(told(rest.slice(0, -1)), told(changes.slice(index + 1)));
    await again.close();
  }
});

test('while many write, whoever watches, leaves and resumes hears of every change once, in order', async () => {
  const targets = await Promise.all(Array.from({ length: 5 }, () => createOne('busy')));
  let writing = true;
  const writes = targets.map(async (target, index) => {
    for (let n = 0; n < 15; n += 1) {
      await store.update(target, (current) => ({ ...current, description: `${index}.${n}` }));
    }
  });
  const written = Promise.all(writes).then(() => {
    writing = false;
  });
  const versions = new Map<string, number>();
  const hear = ({ change }: WatchMessage) => {
    if (change === undefined) return;
    const { id, version } = change.subscription;
    const before = versions.get(id);
    if (before !== undefined) assert.equal(version, before + 1, change.kind);
    versions.set(id, version);
  };
  let token = '';
  const watchAWhile = async () => {
    const client = open('busy', token);
    const messages = await client.takeAll();
    for (const message of messages) hear(message);
    token = messages.at(-1)?.resumeToken ?? '';
    await client.close();
  };
  for (let rounds = 0; writing || rounds < 3; rounds += 1) await watchAWhile();
  await written;
  // Any transaction of the whole server, be it of another database, may hold back the end of the log.
  await eventually(
    async () => {
      await watchAWhile();
      assert.deepEqual([...versions.values()], [16, 16, 16, 16, 16]);
    },
    { timeoutMs: 20_000 },
  );
});

test('a change that commits after a later one is not passed by, and nothing told is told again', async () => {
  const target = await createOne('racing');
  const connection = await database.pool.connect();
  await connection.query('BEGIN');
  // A transaction older than the change holds the end of the log back.
  await connection.query('SELECT pg_current_xact_id()');
  await store.pause(target);
  const client = open('racing');
  const [existing] = await client.take(1);
  assert.equal(existing?.change?.subscription.state, 'paused');
  const next = client.take(1);
  await connection.query('COMMIT');
  connection.release();
  const [heartbeat] = await next;
  assert.equal(heartbeat?.change, undefined);
  await store.resume(target);
  assert.deepEqual(told(await client.takeChanges(1)), [['resumed', target.subscriptionId, 3]]);
  await client.close();
});

test('another tenant’s token, and what is none, is refused (P5)', async () => {
  const client = open('other');
  const messages = await client.takeAll();
  await client.close();
  const token = messages.at(-1)?.resumeToken ?? '';
  for (const wrong of [token, 'x', 'AAAA', `${token}A`]) {
    await assert.rejects(open('default', wrong).take(1), refusedWith('invalid_argument'), wrong);
  }
});

test('a client that reads too slowly is told so after what was kept for it, and goes on with its token', async () => {
  const client = open('slow');
  await client.takeAll();
  const made = 1_100;
  // The client asks for its next message only now and then; what comes meanwhile is kept for it.
  const first = client.take(1);
  for (let n = 0; n < made; n += 100) {
    await Promise.all(Array.from({ length: 100 }, () => createOne('slow')));
  }
  const heard = await first;
  const end = open('slow', heard[0]?.resumeToken);
  const all = await end.takeChanges(made - 1);
  await end.close();
  const kept: WatchMessage[] = [];
  await assert.rejects(async () => {
    for (;;) kept.push(...(await client.takeChanges(1)));
  }, refusedWith('resource_exhausted'));
  const again = open('slow', kept.at(-1)?.resumeToken);
  const rest = await again.takeChanges(made - 1 - kept.length);
  assert.deepEqual(told([...kept, ...rest]), told(all));
  await again.close();
});

test('no more than some watch at once, and one that leaves makes room', async () => {
  const clients = Array.from({ length: WATCHERS_PER_TENANT_MAX }, () => open('many'));
  await Promise.all(clients.map((client) => client.takeAll()));
  await assert.rejects(open('many').takeAll(), refusedWith('resource_exhausted'));
  await clients[0]?.close();
  const another = open('many');
  await another.takeAll();
  await another.close();
  for (const client of clients) await client.close();
});

test('a stop ends every watch', async () => {
  const stopping = createSubscriptionWatch(database, { sealer: testSealer, pollMs: 20 });
  const { signal } = new AbortController();
  const messages = stopping.watch({ tenant: 'many', resumeToken: '', signal });
  await messages.next();
  const ended = assert.rejects(messages.next(), refusedWith('unavailable'));
  await stopping.stop();
  await ended;
});
