import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type ServiceError, status } from '@grpc/grpc-js';
import {
  CreateSubscriptionRequest,
  Filter,
  GrpcStatus,
  ListEventTypesRequest,
  ListSubscriptionsRequest,
  Ordering,
  RetryPolicy,
  RetryPreset,
  readFieldViolations,
  State,
  Subscription,
  SubscriptionServiceService,
  subjects,
} from '@hookline/contracts';
import { hashApiKey, newApiKey, type Role } from '@hookline/credentials';
import { type Database, migrate, openDatabase } from '@hookline/event-log';
import { connectNats } from '@hookline/messaging';
import { createGrpcClient, type GrpcClient } from '@hookline/service-runtime';
import { createLogger } from '@hookline/telemetry';
import {
  createTestDatabase,
  eventually,
  startTestNats,
  type TestNats,
  tempDir,
} from '@hookline/testing';
import { subscriptionServiceConfig } from './config.ts';
import { bootstrap } from './postgres/bootstrap.ts';
import { type RunningSubscriptionService, startSubscriptionService } from './service.ts';

type Client = GrpcClient<typeof SubscriptionServiceService>;

const adminKey = newApiKey();
const publisherKey = newApiKey();
const logger = createLogger({ service: 'subscription-service', level: 'silent' });
const owned = new AsyncDisposableStack();

let url: string;
let database: Database;
let nats: TestNats;
let credsPath: string;
let service: RunningSubscriptionService;
let client: Client;

before(async () => {
  const created = owned.use(await createTestDatabase({ migrate }));
  url = created.url;
  database = owned.use(openDatabase({ url }));
  nats = owned.use(await startTestNats());
  const folder = owned.use(await tempDir('subscription-service'));
  credsPath = join(folder.path, 'services.creds');
  await writeFile(credsPath, nats.servicesCreds, { mode: 0o600 });
  service = await startService();
  owned.defer(() => service.stop());
  client = createGrpcClient(SubscriptionServiceService, { address: addressOf(service) });
  owned.defer(() => client.close());
});

after(async () => {
  await owned.disposeAsync();
});

function startService(): Promise<RunningSubscriptionService> {
  const config = subscriptionServiceConfig({
    HOOKLINE_POSTGRES_URL: url,
    HOOKLINE_NATS_URL: nats.url,
    HOOKLINE_NATS_CREDS: credsPath,
    HOOKLINE_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    HOOKLINE_ALLOW_SUBNETS: '127.0.0.0/8',
    HOOKLINE_BOOTSTRAP_API_KEY: adminKey,
    HOOKLINE_BOOTSTRAP_PUBLISHER_KEY: publisherKey,
  });
  const ports = { ...config.ports, subscriptionsGrpc: 0, subscriptionServiceHealth: 0 };
  const signal = new AbortController().signal;
  return startSubscriptionService({ ...config, ports }, { logger, signal });
}

function addressOf({ ports }: RunningSubscriptionService): string {
  return `127.0.0.1:${ports.grpc}`;
}

const asAdmin = { apiKey: adminKey };

async function keyOf(role: Role, tenant = 'default') {
  const apiKey = newApiKey();
  await database.pool.query(
    'INSERT INTO hookline.tenant (name, tenant_id) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [tenant, `ten_${tenant}`],
  );
  await database.pool.query(
    'INSERT INTO hookline.api_key (key_id, tenant, role, name, key_hash) VALUES ($1, $2, $3, $3, $4)',
    [`key_${hashApiKey(apiKey).slice(0, 12)}`, tenant, role, hashApiKey(apiKey)],
  );
  return { apiKey };
}

function createRequest(
  subscription: Partial<Subscription>,
  requestId = '',
): CreateSubscriptionRequest & { subscription: Subscription } {
  return { subscription: { ...Subscription.create(), ...subscription }, requestId };
}

const wanted = {
  url: 'https://receiver.example.com/hooks',
  filter: { ...Filter.create(), types: ['server.started'] },
};

async function createOne(options: { apiKey: string } = asAdmin) {
  const { subscription } = await client.createSubscription(createRequest(wanted), options);
  assert.ok(subscription);
  return subscription;
}

const refusedWith = (code: status) => (error: unknown) => {
  assert.equal((error as ServiceError).code, code);
  return true;
};

test('a subscription is created, read without its secret, listed and deleted', async () => {
  const request = createRequest({
    url: 'http://127.0.0.1:8088/hooks?shop=7',
    description: 'the shop',
    filter: {
      phases: [],
      types: ['server.*', 'user.created'],
      statuses: [GrpcStatus.STATUS_SUCCESS, GrpcStatus.STATUS_FAIL],
      subjects: ['srv_1'],
      attributes: [
        {
          expression: {
            $case: 'not',
            value: { expression: { $case: 'exact', value: { values: { actor: 'api' } } } },
          },
        },
      ],
    },
    format: 'cdhosting',
    secret: 'your_webhook_secret',
    auth: { method: { $case: 'basic', value: { username: 'u', password: 'p' } } },
    headers: { 'X-Shop': '7' },
    retryPolicy: {
      ...RetryPolicy.create(),
      delays: [{ seconds: 0n, nanos: 100_000_000 }],
      jitter: 0,
    },
    timeout: { seconds: 2n, nanos: 0 },
    ordering: Ordering.ORDERING_NONE,
    notificationEmails: ['ops@example.com'],
    options: { signature_header: 'X-Signature' },
  });
  const { subscription, warnings } = await client.createSubscription(request, asAdmin);
  assert.ok(subscription);
  assert.match(subscription.id, /^sub_/);
  assert.equal(subscription.secret, 'your_webhook_secret');
  assert.deepEqual(
    warnings.map(({ field }) => field),
    ['subscription.secret'],
  );

  const read = await client.getSubscription({ id: subscription.id }, asAdmin);
  assert.deepEqual(read.subscription, { ...subscription, secret: '' });
  const given = request.subscription;
  assert.deepEqual(subscription, {
    ...given,
    id: subscription.id,
    auth: { method: { $case: 'basic', value: { username: 'u', password: '' } } },
    state: State.STATE_ACTIVE,
    etag: '1',
    createTime: subscription.createTime,
    updateTime: subscription.createTime,
  });
  const listed = await client.listSubscriptions(
    ListSubscriptionsRequest.create({ query: 'SHOP' }),
    asAdmin,
  );
  assert.deepEqual(listed.subscriptions, [read.subscription]);

  await assert.rejects(
    client.deleteSubscription({ id: subscription.id, etag: '9' }, asAdmin),
    refusedWith(status.ABORTED),
  );
  await client.deleteSubscription({ id: subscription.id, etag: '' }, asAdmin);
  await assert.rejects(
    client.getSubscription({ id: subscription.id }, asAdmin),
    refusedWith(status.NOT_FOUND),
  );
});

test('without more than a URL and a type it is standard, with a secret made', async () => {
  const subscription = await createOne();
  assert.equal(subscription.format, 'standard');
  assert.match(subscription.secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  assert.equal(subscription.retryPolicy?.preset, RetryPreset.RETRY_PRESET_STANDARD);
  assert.deepEqual(subscription.timeout, { seconds: 15n, nanos: 0 });
  assert.equal(subscription.ordering, Ordering.ORDERING_NONE);
});

test('every faulty field is named at once', async () => {
  const request = createRequest({
    url: 'https://10.0.0.1/',
    filter: { ...Filter.create(), statuses: [99 as GrpcStatus] },
    retryPolicy: {
      ...RetryPolicy.create(),
      preset: RetryPreset.RETRY_PRESET_STANDARD,
      delays: [{ seconds: 1n, nanos: 0 }],
    },
    secret: 'short',
    timeout: { seconds: 31n, nanos: 0 },
    ordering: 9 as Ordering,
  });
  const failed = client.createSubscription({ ...request, requestId: 'x'.repeat(129) }, asAdmin);
  const error = await failed.then(
    () => assert.fail('it was created'),
    (reason: unknown) => reason,
  );
  refusedWith(status.INVALID_ARGUMENT)(error);
  const fields = readFieldViolations(error as ServiceError);
  assert.deepEqual(
    fields.map(({ field }) => field),
    [
      'subscription.url',
      'subscription.filter.types',
      'subscription.filter.statuses[0]',
      'subscription.secret',
      'subscription.retry_policy',
      'subscription.timeout',
      'subscription.ordering',
      'request_id',
    ],
  );
  await assert.rejects(
    client.createSubscription(CreateSubscriptionRequest.create(), asAdmin),
    refusedWith(status.INVALID_ARGUMENT),
  );
});

test('without a key nothing is answered; viewers read; editors write; publishers do neither', async () => {
  const { id } = await createOne();
  const [viewer, editor] = [await keyOf('viewer'), await keyOf('editor')];
  const publisher = { apiKey: publisherKey };
  await assert.rejects(client.getSubscription({ id }), refusedWith(status.UNAUTHENTICATED));
  await assert.rejects(
    client.getSubscription({ id }, { apiKey: newApiKey() }),
    refusedWith(status.UNAUTHENTICATED),
  );
  await assert.rejects(
    client.getSubscription({ id }, publisher),
    refusedWith(status.PERMISSION_DENIED),
  );
  await assert.rejects(createOne(viewer), refusedWith(status.PERMISSION_DENIED));
  await assert.rejects(createOne(publisher), refusedWith(status.PERMISSION_DENIED));
  await assert.rejects(
    client.deleteSubscription({ id, etag: '' }, viewer),
    refusedWith(status.PERMISSION_DENIED),
  );
  assert.equal((await client.getSubscription({ id }, viewer)).subscription?.id, id);
  await createOne(editor);
  await client.deleteSubscription({ id, etag: '' }, editor);
});

test('another tenant’s subscription is not found (P5)', async () => {
  const { id } = await createOne();
  const stranger = await keyOf('admin', 'stranger');
  await assert.rejects(client.getSubscription({ id }, stranger), refusedWith(status.NOT_FOUND));
  await assert.rejects(
    client.deleteSubscription({ id, etag: '' }, stranger),
    refusedWith(status.NOT_FOUND),
  );
  const page = await client.listSubscriptions(ListSubscriptionsRequest.create(), stranger);
  assert.deepEqual(page, { subscriptions: [], nextPageToken: '' });
  assert.equal((await client.getSubscription({ id }, asAdmin)).subscription?.id, id);
});

test('a request id is answered as the first time, and another request under it is refused', async () => {
  const request = createRequest(wanted, 'order-1');
  const first = await client.createSubscription(request, asAdmin);
  assert.deepEqual(await client.createSubscription(request, asAdmin), first);
  const different = createRequest({ ...wanted, description: 'x' }, 'order-1');
  await assert.rejects(
    client.createSubscription(different, asAdmin),
    refusedWith(status.ALREADY_EXISTS),
  );
});

test('pages are of the size asked for, with a token until the last one', async () => {
  const editor = await keyOf('editor', 'paging');
  const ids: string[] = [];
  for (let n = 0; n < 5; n += 1) ids.push((await createOne(editor)).id);
  const first = await client.listSubscriptions(
    ListSubscriptionsRequest.create({ pageSize: 3 }),
    editor,
  );
  const rest = await client.listSubscriptions(
    ListSubscriptionsRequest.create({ pageSize: 3, pageToken: first.nextPageToken }),
    editor,
  );
  assert.equal(rest.nextPageToken, '');
  const listed = [...first.subscriptions, ...rest.subscriptions].map(({ id }) => id);
  assert.deepEqual(listed, ids.toSorted().reverse());
  const negative = ListSubscriptionsRequest.create({ pageSize: -1 });
  await assert.rejects(
    client.listSubscriptions(negative, editor),
    refusedWith(status.INVALID_ARGUMENT),
  );
  const stateless = ListSubscriptionsRequest.create({ states: [State.STATE_UNSPECIFIED] });
  await assert.rejects(
    client.listSubscriptions(stateless, editor),
    refusedWith(status.INVALID_ARGUMENT),
  );
});

test('the catalogue names every type in other systems’ words, page by page', async () => {
  const all = await client.listEventTypes(ListEventTypesRequest.create(), asAdmin);
  const started = all.eventTypes.find(({ type }) => type === 'server.started');
  assert.equal(started?.title, 'Server started');
  assert.ok(
    started.sourceNames.some(
      ({ format, name, id }) => format === 'virtfusion' && name === 'server.boot' && id === '7',
    ),
  );
  const paged: string[] = [];
  let pageToken = '';
  do {
    const page = await client.listEventTypes(
      ListEventTypesRequest.create({ pageSize: 7, pageToken }),
      asAdmin,
    );
    paged.push(...page.eventTypes.map(({ type }) => type));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  assert.deepEqual(
    paged,
    all.eventTypes.map(({ type }) => type),
  );
  const boots = await client.listEventTypes(
    ListEventTypesRequest.create({ query: 'Server.Boot' }),
    asAdmin,
  );
  assert.ok(boots.eventTypes.some(({ type }) => type === 'server.started'));
});

test('a tenant’s own event types are listed among the others, for that tenant alone (P5)', async () => {
  const viewer = await keyOf('viewer', 'inventive');
  await database.pool.query(
    "UPDATE hookline.tenant SET custom_event_types = '{rack.opened,server.started}' WHERE name = 'inventive'",
  );
  const list = (given: Partial<ListEventTypesRequest>, as = viewer) =>
    client.listEventTypes({ ...ListEventTypesRequest.create(), ...given }, as);
  const { eventTypes } = await list({ query: 'RACK' });
  assert.deepEqual(
    eventTypes.map(({ type, title, group, canonical }) => [type, title, group, canonical]),
    [['rack.opened', 'Rack opened', 'custom', false]],
  );
  const all = (await list({})).eventTypes.map(({ type }) => type);
  assert.deepEqual(all, [...new Set(all)].toSorted());
  assert.deepEqual((await list({ query: 'rack' }, asAdmin)).eventTypes, []);
  const { nextPageToken } = await list({ pageSize: 1, query: 'server' });
  assert.notEqual(nextPageToken, '');
  await assert.rejects(
    list({ pageSize: 1, query: 'user', pageToken: nextPageToken }),
    refusedWith(status.INVALID_ARGUMENT),
  );
  await assert.rejects(list({ pageToken: 'x' }), refusedWith(status.INVALID_ARGUMENT));
  await assert.rejects(list({ query: 'x'.repeat(201) }), refusedWith(status.INVALID_ARGUMENT));
});

test('several services that start at once make one tenant, and keys of a later start open nothing', async () => {
  await using created = await createTestDatabase({ migrate });
  await using fresh = openDatabase({ url: created.url, role: 'hookline_service' });
  const none = { bootstrapApiKey: undefined, bootstrapPublisherKey: undefined };
  assert.equal(await bootstrap(fresh, none), 'without_key');
  const keys = { bootstrapApiKey: newApiKey(), bootstrapPublisherKey: newApiKey() };
  const made = await Promise.all([1, 2, 3, 4].map(() => bootstrap(fresh, keys)));
  assert.deepEqual(made.toSorted(), ['made', 'present', 'present', 'present']);
  assert.equal(await bootstrap(fresh, { ...keys, bootstrapApiKey: newApiKey() }), 'present');
  const { rows } = await fresh.pool.query(
    'SELECT tenant, role FROM hookline.api_key ORDER BY role',
  );
  assert.deepEqual(rows, [
    { tenant: 'default', role: 'admin' },
    { tenant: 'default', role: 'publisher' },
  ]);
});

test('every change wakes its readers; without NATS changes are taken all the same', async () => {
  const listener = await connectNats({ url: nats.url, credsPath, name: 'listener', logger });
  owned.defer(() => listener.close());
  let heard = 0;
  listener.connection.subscribe(subjects.subscriptionChanged, {
    callback: () => {
      heard += 1;
    },
  });
  await listener.connection.flush();
  const { id } = await createOne();
  await client.deleteSubscription({ id, etag: '' }, asAdmin);
  await eventually(() => assert.equal(heard, 2));
  await nats.kill9();
  const withoutNats = await createOne();
  await client.deleteSubscription({ id: withoutNats.id, etag: '' }, asAdmin);
  const ready = await fetch(`http://127.0.0.1:${service.ports.health}/readyz`);
  assert.equal(ready.status, 200);
  await nats.restart();
});
