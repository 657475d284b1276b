import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ServiceError, status } from '@grpc/grpc-js';
import { Filter, Subscription, SubscriptionServiceService } from '@hookline/contracts';
import { hashApiKey, newApiKey, type Role } from '@hookline/credentials';
import { type Database, migrate, openDatabase } from '@hookline/event-log';
import { createGrpcClient, type GrpcClient } from '@hookline/service-runtime';
import { createLogger } from '@hookline/telemetry';
import { createTestDatabase, startTestNats, type TestNats, tempDir } from '@hookline/testing';
import { subscriptionServiceConfig } from './config.ts';
import { type RunningSubscriptionService, startSubscriptionService } from './service.ts';

export type Client = GrpcClient<typeof SubscriptionServiceService>;

/** Who calls. */
export interface Credentials {
  readonly apiKey: string;
}

/** A running service with a database and NATS of its own, for tests. */
export interface TestService extends AsyncDisposable {
  readonly service: RunningSubscriptionService;
  readonly client: Client;
  readonly database: Database;
  readonly nats: TestNats;
  readonly credsPath: string;
  /** Of tenant `default`. */
  readonly asAdmin: Credentials;
  /** A new key, of a tenant that is made when it is missing. */
  keyOf(role: Role, tenant?: string): Promise<Credentials>;
  /** A subscription of a URL and one type, with what the test cares about. */
  create(given?: Partial<Subscription>, as?: Credentials): Promise<Subscription>;
}

export const masterKey = Buffer.alloc(32, 7).toString('base64');

export async function startTestService(): Promise<TestService> {
  await using resources = new AsyncDisposableStack();
  const created = resources.use(await createTestDatabase({ migrate }));
  const database = resources.use(openDatabase({ url: created.url }));
  const nats = resources.use(await startTestNats());
  const folder = resources.use(await tempDir('subscription-service'));
  const credsPath = join(folder.path, 'services.creds');
  await writeFile(credsPath, nats.servicesCreds, { mode: 0o600 });
  const apiKey = newApiKey();
  const config = subscriptionServiceConfig({
    HOOKLINE_POSTGRES_URL: created.url,
    HOOKLINE_NATS_URL: nats.url,
    HOOKLINE_NATS_CREDS: credsPath,
    HOOKLINE_MASTER_KEY: masterKey,
    HOOKLINE_ALLOW_SUBNETS: '127.0.0.0/8',
    HOOKLINE_BOOTSTRAP_API_KEY: apiKey,
  });
  const ports = { ...config.ports, subscriptionsGrpc: 0, subscriptionServiceHealth: 0 };
  const logger = createLogger({ service: 'subscription-service', level: 'silent' });
  const { signal } = new AbortController();
  const service = await startSubscriptionService({ ...config, ports }, { logger, signal });
  resources.defer(() => service.stop());
  const address = `127.0.0.1:${service.ports.grpc}`;
  const client = createGrpcClient(SubscriptionServiceService, { address });
  resources.defer(() => client.close());
  const owned = resources.move();
  const asAdmin = { apiKey };
  return {
    ...{ service, client, database, nats, credsPath, asAdmin },
    keyOf: (role, tenant = 'default') => insertKey(database, role, tenant),
    async create(given = {}, as = asAdmin) {
      const filter = { ...Filter.create(), types: ['server.started'] };
      const wanted = { ...Subscription.create(), url: 'https://receiver.example.com/', filter };
      const request = { subscription: { ...wanted, ...given }, requestId: '' };
      const { subscription } = await client.createSubscription(request, as);
      if (subscription === undefined) throw new Error('a creation answered nothing');
      return subscription;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function insertKey(database: Database, role: Role, tenant: string): Promise<Credentials> {
  const apiKey = newApiKey();
  const hash = hashApiKey(apiKey);
  await database.pool.query(
    'INSERT INTO hookline.tenant (name, tenant_id) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [tenant, `ten_${tenant}`],
  );
  await database.pool.query(
    'INSERT INTO hookline.api_key (key_id, tenant, role, name, key_hash) VALUES ($1, $2, $3, $3, $4)',
    [`key_${hash.slice(0, 12)}`, tenant, role, hash],
  );
  return { apiKey };
}

/** For assert.rejects: the call failed with this status, and perhaps a message like this. */
export const refusedWith =
  (code: status, message = /./) =>
  (error: unknown): boolean => {
    const { code: found, details } = error as ServiceError;
    if (found === code && message.test(details)) return true;
    throw new Error(`${status[found]}, not ${status[code]}: ${details}`);
  };
