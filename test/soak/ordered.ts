/**
 * An ordered subscription whose receiver fails one request in ten, and two dispatchers of which one is
 * killed twice and the other frozen for longer than it takes to be held for dead:
 * `node test/soak/ordered.ts [servers] [events of each]`, by default 200 and 500.
 *
 * Fails unless every event came and none came before an earlier one of its server (P1, P7).
 */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeEventBatch, lineOf, newId, streamDefinitions, subjects } from '@hookline/contracts';
import { createSealer } from '@hookline/credentials';
import { appendEvents, migrate, openDatabase, ownKey } from '@hookline/event-log';
import { findFreePortOffset } from '@hookline/local-stack';
import { connectNats, createPublisher, ensureStreams } from '@hookline/messaging';
import { createSubscriptionStore } from '@hookline/subscriptions';
import { createLogger } from '@hookline/telemetry';
import {
  createLineWitness,
  createTestDatabase,
  eventually,
  startReceiver,
  startTestNats,
  tempDir,
} from '@hookline/testing';
import { startDispatcherProcess } from '../../services/dispatcher/src/test-dispatcher-process.ts';

const SERVERS = Number(process.argv[2] ?? 200);
const EACH = Number(process.argv[3] ?? 500);
const TYPE = 'server.started';
const TOTAL = SERVERS * EACH;
/** Longer than the 15 s after which a dispatcher without a heartbeat is dead. */
const FROZEN_MS = 25_000;

const created = await createTestDatabase({ migrate });
const database = openDatabase({ url: created.url, role: 'hookline_service' });
const testNats = await startTestNats();
const folder = await tempDir('soak');
const credsPath = join(folder.path, 'services.creds');
await writeFile(credsPath, testNats.servicesCreds, { mode: 0o600 });
const logger = createLogger({ service: 'soak', level: 'error' });
const nats = await connectNats({ url: testNats.url, credsPath, name: 'soak', logger });
await ensureStreams(nats.manager, streamDefinitions, logger);
const masterKey = randomBytes(32).toString('base64');

const witness = createLineWitness();
let requests = 0;
const receiver = await startReceiver({
  requestsMax: 1,
  respond: ({ headers, body }) => {
    const { subject } = JSON.parse(body.toString()) as { readonly subject: string };
    witness.see(subject, Number(headers['hookline-sequence']));
    requests += 1;
    return requests % 10 === 0 ? 500 : 200;
  },
});
await subscribe();

const env = {
  HOOKLINE_POSTGRES_URL: created.url,
  HOOKLINE_NATS_URL: testNats.url,
  HOOKLINE_NATS_CREDS: credsPath,
  HOOKLINE_MASTER_KEY: masterKey,
  HOOKLINE_ALLOW_SUBNETS: '127.0.0.0/8',
};
const offset = Number(await findFreePortOffset());
const killed = startDispatcherProcess({ ...env, HOOKLINE_PORT_OFFSET: String(offset) });
const frozen = startDispatcherProcess({ ...env, HOOKLINE_PORT_OFFSET: String(offset + 100) });

const startedAt = performance.now();
const servers = Array.from({ length: SERVERS }, (_, index) => `srv_${index}`);
const publishing = publishAll();
const trouble = makeTrouble();
const progress = setInterval(() => say(`${witness.seen()} of ${TOTAL} events seen`), 10_000);
await publishing;
say(`${TOTAL} events accepted`);
await trouble;
await eventually(
  () => {
    if (witness.seen() < TOTAL) throw new Error(`${witness.seen()} of ${TOTAL} events came`);
  },
  { timeoutMs: 600_000, intervalMs: 500 },
).catch((error) => say(String(error)));
clearInterval(progress);
const inversions = witness.inversions();
const missing = witness.missing(servers, EACH);
say(`${requests} requests, ${inversions.length} inversions, ${missing.length} lost`);
for (const line of [...inversions.slice(0, 10), ...missing.slice(0, 10)]) console.log(line);
await Promise.all([killed.stop(), frozen.stop()]);
await nats.close();
await database.close();
await receiver.stop();
await testNats.stop();
await created.drop();
await folder[Symbol.asyncDispose]();
process.exitCode = inversions.length + missing.length === 0 ? 0 : 1;

function say(what: string): void {
  console.log(`${((performance.now() - startedAt) / 1_000).toFixed(1)} s: ${what}`);
}

async function subscribe(): Promise<void> {
  await database.kysely
    .insertInto('hookline.tenant')
    .values({ name: 'default', tenant_id: newId('ten'), deleted_at: null })
    .execute();
  const store = createSubscriptionStore(database, { sealer: createSealer(masterKey) });
  await store.create({
    tenant: 'default',
    actor: 'soak',
    settings: {
      url: receiver.url,
      description: '',
      filter: { types: [TYPE], statuses: [], phases: [], subjects: [], attributes: [] },
      format: 'standard',
      options: {},
      headers: {},
      retryPolicy: { delaysMs: [100, 100, 100, 200, 200, 400, 400, 1_000, 1_000, 5_000] },
      timeoutMs: 5_000,
      ordering: 'per_server',
      notificationEmails: [],
    },
  });
}

/** Every server's events in turn; messages of 64 go to whichever dispatcher pulls them. */
async function publishAll(): Promise<void> {
  const publisher = createPublisher({ nats });
  const batch = Math.min(512, SERVERS * EACH);
  for (let from = 0; from < TOTAL; from += batch) {
    const count = Math.min(batch, TOTAL - from);
    const events = Array.from({ length: count }, (_, index) => eventOf(from + index));
    const appended = await appendEvents(database.pool, events, { dedupeDays: 7 });
    const entries = appended.map((result) => {
      if (result.kind !== 'appended') throw new Error('an event was not appended');
      return result;
    });
    for (let at = 0; at < entries.length; at += 64) {
      await publisher.publish(subjects.events, encodeEventBatch(entries.slice(at, at + 64)));
    }
  }
  await publisher.stop();
}

function eventOf(number: number) {
  const eventId = newId('evt');
  const server = `srv_${number % SERVERS}`;
  return {
    eventId,
    key: ownKey(eventId),
    line: lineOf('default', server, 'node-1'),
    tenant: 'default',
    source: '/hosts/node-1',
    type: TYPE,
    subject: server,
    phase: 'post',
    status: 'success',
    extensions: {},
    data: JSON.stringify({ server_id: server }),
  } as const;
}

/** When a tenth, two fifths and seven tenths of the events have come. */
async function makeTrouble(): Promise<void> {
  await reached(0.1);
  say('one dispatcher is killed');
  await killed.killAndRestart();
  await reached(0.4);
  say('the other is frozen');
  await frozen.freeze(FROZEN_MS);
  say('and goes on');
  await reached(0.7);
  say('one dispatcher is killed again');
  await killed.killAndRestart();
}

async function reached(share: number): Promise<void> {
  while (witness.seen() < share * TOTAL) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
