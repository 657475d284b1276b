import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ServiceError, status } from '@grpc/grpc-js';
import {
  AdminServiceService,
  Filter,
  Subscription,
  SubscriptionServiceService,
  type Tenant,
  Tenant as TenantMessage,
} from '@hookline/contracts';
import { hashApiKey, newApiKey, type Role } from '@hookline/credentials';
import { type Database, migrate, openDatabase } from '@hookline/event-log';
import { createGrpcClient, type GrpcClient } from '@hookline/service-runtime';
import { createLogger, type Logger } from '@hookline/telemetry';
import { createTestDatabase, startTestNats, type TestNats, tempDir } from '@hookline/testing';
import { subscriptionServiceConfig } from './config.ts';
import { type RunningSubscriptionService, startSubscriptionService } from './service.ts';

export const masterKey = Buffer.alloc(32, 7).toString('base64');

/** Who calls. */
export interface Credentials {
  readonly apiKey: string;
}

export type SubscriptionClient = GrpcClient<typeof SubscriptionServiceService>;

export interface TestService extends AsyncDisposable {
  readonly url: string;
  /** As its owner. */
  readonly database: Database;
  readonly nats: TestNats;
  /** Options of calls as the operator. */
  readonly asOperator: Credentials;
  readonly service: RunningSubscriptionService;
  readonly credsPath: string;
  readonly admin: GrpcClient<typeof AdminServiceService>;
  readonly subscriptions: GrpcClient<typeof SubscriptionServiceService>;
  /** One more service on the same database, with these variables besides. */
  start(env?: Record<string, string>): Promise<StartedService>;
  /** Makes a tenant; answers it with options of calls as its first admin. */
  tenant(
    name: string,
    wanted?: Partial<Tenant>,
  ): Promise<{ readonly tenant: Tenant; readonly as: Credentials }>;
  /** A new key, of a tenant that is made when it is missing. */
  keyOf(role: Role, tenant?: string): Promise<Credentials>;
  /** A subscription of a URL and one type, with what the test cares about. */
  create(given?: Partial<Subscription>, as?: Credentials): Promise<Subscription>;
}

export interface StartedService extends AsyncDisposable {
  readonly service: RunningSubscriptionService;
  readonly admin: GrpcClient<typeof AdminServiceService>;
  readonly subscriptions: GrpcClient<typeof SubscriptionServiceService>;
}

/** The service on a database and a NATS server of its own. */
export async function startTestService(
  options: { readonly nats?: TestNats; readonly logger?: Logger } = {},
): Promise<TestService> {
  const { logger = createLogger({ service: 'subscription-service', level: 'silent' }) } = options;
  await using owned = new AsyncDisposableStack();
  const { url } = owned.use(await createTestDatabase({ migrate }));
  const database = owned.use(openDatabase({ url }));
  const nats = options.nats ?? owned.use(await startTestNats());
  const folder = owned.use(await tempDir('subscription-service'));
  const credsPath = join(folder.path, 'services.creds');
  await writeFile(credsPath, nats.servicesCreds, { mode: 0o600 });
  const apiKey = newApiKey();
  const start = async (env: Record<string, string> = {}): Promise<StartedService> => {
    const config = subscriptionServiceConfig({
      HOOKLINE_POSTGRES_URL: url,
      HOOKLINE_NATS_URL: nats.url,
      ...(nats.servicesCreds !== '' && { HOOKLINE_NATS_CREDS: credsPath }),
      HOOKLINE_MASTER_KEY: masterKey,
      HOOKLINE_ALLOW_SUBNETS: '127.0.0.0/8',
      HOOKLINE_BOOTSTRAP_API_KEY: apiKey,
      ...env,
    });
    const ports = { ...config.ports, subscriptionsGrpc: 0, subscriptionServiceHealth: 0 };
    const { signal } = new AbortController();
    const service = await startSubscriptionService({ ...config, ports }, { logger, signal });
    const address = `127.0.0.1:${service.ports.grpc}`;
    const admin = createGrpcClient(AdminServiceService, { address });
    const subscriptions = createGrpcClient(SubscriptionServiceService, { address });
    return {
      service,
      admin,
      subscriptions,
      async [Symbol.asyncDispose]() {
        admin.close();
        subscriptions.close();
        await service.stop();
      },
    };
  };
  const first = owned.use(await start());
  const asOperator = { apiKey };
  const kept = owned.move();
  return {
    url,
    database,
    nats,
    asOperator,
    service: first.service,
    credsPath,
    admin: first.admin,
    subscriptions: first.subscriptions,
    start,
    keyOf: (role, tenant = 'default') => insertKey(database, role, tenant),
    async create(given = {}, as = asOperator) {
      const filter = { ...Filter.create(), types: ['server.started'] };
      const wanted = { ...Subscription.create(), url: 'https://receiver.example.com/', filter };
      const request = { subscription: { ...wanted, ...given }, requestId: '' };
      const { subscription } = await first.subscriptions.createSubscription(request, as);
      if (subscription === undefined) throw new Error('a creation answered nothing');
      return subscription;
    },
    async tenant(name, wanted = {}) {
      const request = { tenant: { ...TenantMessage.create(), name, ...wanted }, requestId: '' };
      const { tenant, adminKey } = await first.admin.createTenant(request, asOperator);
      if (tenant === undefined || adminKey === undefined) throw new Error('no tenant was made');
      return { tenant, as: { apiKey: adminKey.secret } };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** What a call was refused with: its status code and message. */
export async function refusalOf(
  call: Promise<unknown>,
): Promise<{ readonly code: number; readonly message: string }> {
  try {
    await call;
  } catch (error) {
    const { code, details } = error as ServiceError;
    return { code, message: details };
  }
  throw new Error('the call was not refused');
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
