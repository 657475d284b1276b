import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DeliveryServiceService,
  type DispatchableEvent,
  encodeEventBatch,
  lineOf,
  newId,
  streamDefinitions,
  subjects,
} from '@hookline/contracts';
import { createSealer, hashApiKey, newApiKey } from '@hookline/credentials';
import { appendEvents, type Database, migrate, openDatabase, ownKey } from '@hookline/event-log';
import {
  connectNats,
  createPublisher,
  ensureStreams,
  type Nats,
  publishWakeUp,
} from '@hookline/messaging';
import { createGrpcClient, type GrpcClient } from '@hookline/service-runtime';
import {
  createSubscriptionStore,
  type SubscriptionSettings,
  type SubscriptionStore,
  type SubscriptionTarget,
} from '@hookline/subscriptions';
import { createLogger } from '@hookline/telemetry';
import { createTestDatabase, startTestNats, tempDir } from '@hookline/testing';
import { dispatcherConfig } from './config.ts';
import { type RunningDispatcher, type Surroundings, startDispatcher } from './service.ts';

/** A database, NATS, and dispatchers as they run in earnest, for tests. */
export interface TestDispatchers extends AsyncDisposable {
  readonly database: Database;
  readonly nats: Nats;
  readonly store: SubscriptionStore;
  /** What a dispatcher in a process of its own needs besides its ports. */
  readonly env: Readonly<Record<string, string>>;
  /** Starts one more dispatcher, with other settings and surroundings if given. */
  startDispatcher(given?: {
    readonly around?: Surroundings;
    readonly env?: Readonly<Record<string, string>>;
  }): Promise<RunningDispatcher>;
  /** A client of the dispatcher started last. */
  client(): GrpcClient<typeof DeliveryServiceService>;
  /** The credentials of an administrator of tenant `default`. */
  readonly asAdmin: { readonly apiKey: string };
  /** The id of their key. */
  readonly adminKeyId: string;
  /** What the audit log shows of the acts on something, oldest first. */
  audited(targetId: string): Promise<TestAct[]>;
  /** A subscription to one type of event. */
  subscribe(
    given: Partial<SubscriptionSettings> & { readonly url: string; readonly type: string },
  ): Promise<SubscriptionTarget & { readonly secret: string }>;
  /** Tells the dispatchers that subscriptions changed, as the subscription service does. */
  wake(): void;
  /** Accepts an event of a server (`srv_1`) and hands it to the dispatchers. */
  publish(type: string, server?: string): Promise<DispatchableEvent>;
  /** Accepts events, one of each server named, in one commit; nobody hears of them yet. */
  accept(type: string, servers: readonly string[]): Promise<DispatchableEvent[]>;
  /** Hands accepted events to the dispatchers, in one message. */
  send(entries: readonly DispatchableEvent[]): Promise<void>;
}

/** An act on record. */
export interface TestAct {
  readonly action: string;
  readonly actor: string;
  readonly tenant: string;
  readonly reason: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

export async function startTestDispatchers(): Promise<TestDispatchers> {
  await using resources = new AsyncDisposableStack();
  const created = resources.use(await createTestDatabase({ migrate }));
  const database = resources.use(openDatabase({ url: created.url, role: 'hookline_service' }));
  await database.kysely
    .insertInto('hookline.tenant')
    .values({ name: 'default', tenant_id: newId('ten'), deleted_at: null })
    .execute();
  const testNats = resources.use(await startTestNats());
  const folder = resources.use(await tempDir('dispatcher'));
  const credsPath = join(folder.path, 'services.creds');
  await writeFile(credsPath, testNats.servicesCreds, { mode: 0o600 });
  const logger = createLogger({ service: 'dispatcher', level: 'silent' });
  const nats = await connectNats({ url: testNats.url, credsPath, name: 'test', logger });
  resources.defer(() => nats.close());
  await ensureStreams(nats.manager, streamDefinitions, logger);
  const masterKey = Buffer.alloc(32, 7).toString('base64');
  const env = {
    HOOKLINE_POSTGRES_URL: created.url,
    HOOKLINE_NATS_URL: testNats.url,
    HOOKLINE_NATS_CREDS: credsPath,
    HOOKLINE_MASTER_KEY: masterKey,
    HOOKLINE_ALLOW_SUBNETS: '127.0.0.0/8',
  };
  const store = createSubscriptionStore(database, { sealer: createSealer(masterKey) });
  const apiKey = newApiKey();
  const adminKeyId = newId('key');
  await database.kysely
    .insertInto('hookline.api_key')
    .values({
      ...{ key_id: adminKeyId, tenant: 'default', role: 'admin', name: 'test' },
      ...{ key_hash: hashApiKey(apiKey), expires_at: null, revoked_at: null, last_used_at: null },
    })
    .execute();
  let client: GrpcClient<typeof DeliveryServiceService> | undefined;
  const dispatchers = resources.use(new AsyncDisposableStack());
  const owned = resources.move();
  return {
    ...{ database, nats, store, env, asAdmin: { apiKey }, adminKeyId },
    client() {
      if (client === undefined) throw new Error('no dispatcher was started');
      return client;
    },
    async startDispatcher({ around, env: more } = {}) {
      const { signal } = new AbortController();
      const config = dispatcherConfig({ ...env, ...more });
      const ports = { ...config.ports, deliveriesGrpc: 0, dispatcherHealth: 0 };
      const running = await startDispatcher({ ...config, ports }, { logger, signal }, around);
      dispatchers.defer(() => running.stop());
      const address = `127.0.0.1:${running.ports.grpc}`;
      const made = createGrpcClient(DeliveryServiceService, { address });
      dispatchers.defer(() => made.close());
      client = made;
      return running;
    },
    audited: (targetId) => audited(database, targetId),
    async subscribe({ type, ...given }) {
      const made = await store.create({
        tenant: 'default',
        actor: 'test',
        settings: { ...plainSettings(type), ...given },
      });
      const { secret, subscription } = made;
      return { tenant: 'default', actor: 'test', subscriptionId: subscription.id, secret };
    },
    wake: () => publishWakeUp(nats, subjects.subscriptionChanged),
    async publish(type, server = 'srv_1') {
      const [entry] = await accept(database, type, [server]);
      if (entry === undefined) throw new Error('the event was not appended');
      await send(nats, [entry]);
      return entry;
    },
    accept: (type, servers) => accept(database, type, servers),
    send: (entries) => send(nats, entries),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function audited({ pool }: Database, targetId: string): Promise<TestAct[]> {
  const { rows } = await pool.query<TestAct>(
    `SELECT hookline.audit_action(stream, type) AS action, hookline.audit_actor(extensions) AS actor,
      tenant, extensions::json ->> 'reason' AS reason, data::json AS data
    FROM hookline.event_log_aggregate WHERE hookline.audit_target(stream) = $1 ORDER BY position`,
    [targetId],
  );
  return rows;
}

function plainSettings(type: string): Omit<SubscriptionSettings, 'url'> {
  return {
    description: '',
    filter: { types: [type], statuses: [], phases: [], subjects: [], attributes: [] },
    format: 'standard',
    options: {},
    headers: {},
    retryPolicy: { preset: 'none' },
    timeoutMs: 5_000,
    ordering: 'none',
    notificationEmails: [],
  };
}

async function send(nats: Nats, entries: readonly DispatchableEvent[]): Promise<void> {
  const publisher = createPublisher({ nats });
  await publisher.publish(subjects.events, encodeEventBatch(entries));
  await publisher.stop();
}

async function accept(
  database: Database,
  type: string,
  servers: readonly string[],
): Promise<DispatchableEvent[]> {
  const events = servers.map((server) => {
    const eventId = newId('evt');
    return {
      eventId,
      key: ownKey(eventId),
      line: lineOf('default', server, 'node-1'),
      tenant: 'default',
      source: '/hosts/node-1',
      type,
      subject: server,
      phase: 'post',
      status: 'success',
      extensions: {},
      data: JSON.stringify({ server_id: server }),
    } as const;
  });
  const appended = await appendEvents(database.pool, events, { dedupeDays: 7 });
  return appended.map((result) => {
    if (result.kind !== 'appended') throw new Error('an event was not appended');
    return result;
  });
}
