import {
  AdminServiceService,
  loadReflectionPackage,
  streamDefinitions,
  subjects,
} from '@hookline/contracts';
import { createApiKeyVerifier, createSealer } from '@hookline/credentials';
import { checkSchema, type Database, openDatabase, SchemaTooNewError } from '@hookline/event-log';
import { connectNats, ensureStreams, publishWakeUp } from '@hookline/messaging';
import {
  type Authenticate,
  createGrpcServer,
  createHealthServer,
  createMetrics,
  createPeriodic,
  grpcService,
  type RunningService,
  retryUntil,
  type ServiceContext,
} from '@hookline/service-runtime';
import { createSubscriptionStore } from '@hookline/subscriptions';
import type { SubscriptionServiceConfig } from './config.ts';
import { createSubscriptionEvents } from './events.ts';
import { subscriptionService } from './grpc/subscription-service.ts';
import { bootstrap } from './postgres/bootstrap.ts';

const NAME = 'subscription-service';
/** Answers to repeated request ids are valid for a day; looking for old ones hourly is plenty. */
const FORGET_EVERY_MS = 60 * 60 * 1000;

export interface RunningSubscriptionService extends RunningService {
  /** Where it listens. */
  readonly ports: { readonly grpc: number; readonly health: number };
}

/**
 * Connects, makes the first tenant where there is none, and serves SubscriptionService.
 *
 * Every answer is given after the commit in Postgres alone: while NATS is away, changes are taken
 * and answered as ever, and the readers find them a little later.
 */
export async function startSubscriptionService(
  config: SubscriptionServiceConfig,
  context: ServiceContext,
): Promise<RunningSubscriptionService> {
  const { logger, signal } = context;
  await using resources = new AsyncDisposableStack();
  /** What is started last is stopped first. */
  const run = async <T extends { start(): Promise<void>; stop(): Promise<void> }>(part: T) => {
    resources.defer(() => part.stop());
    await part.start();
    return part;
  };

  const health = await run(
    createHealthServer({
      service: NAME,
      host: config.bind,
      port: config.ports.subscriptionServiceHealth,
      metrics: createMetrics(),
    }),
  );

  const database = openDatabase({
    url: config.postgresUrl,
    role: 'hookline_service',
    applicationName: `hookline-${NAME}`,
    onError: (error) => logger.warn({ err: error }, 'a connection to Postgres broke'),
  });
  resources.defer(() => database.close());
  await waitForSchema(database, context);
  await makeFirstTenant(database, config, context);

  const nats = await connectNats({
    url: config.natsUrl,
    credsPath: config.natsCredsPath,
    name: NAME,
    logger,
    signal,
  });
  resources.defer(() => nats.close());
  await ensureStreams(nats.manager, streamDefinitions, logger);

  const store = createSubscriptionStore(database, { sealer: createSealer(config.masterKey) });
  await run(
    createPeriodic({
      name: 'forgetting old request ids',
      intervalMs: FORGET_EVERY_MS,
      runOnce: async () => {
        await store.forgetRequests();
      },
      logger,
    }),
  );

  const events = createSubscriptionEvents(logger, () =>
    publishWakeUp(nats, subjects.subscriptionChanged),
  );
  const grpc = await run(
    createGrpcServer({
      name: NAME,
      host: config.bind,
      port: config.ports.subscriptionsGrpc,
      services: [
        subscriptionService({
          store,
          policy: { allowSubnets: config.allowSubnets, allowHttp: config.allowHttp },
          events,
        }),
        grpcService(AdminServiceService, {}),
      ],
      authenticate: authenticator(database),
      reflection: loadReflectionPackage(),
      logger,
    }),
  );

  // NATS is not asked: without it every answer is the same.
  health.addCheck('postgres', async () => {
    await database.pool.query('SELECT 1');
  });
  health.setReady(true);
  resources.defer(() => health.setReady(false));
  const owned = resources.move();
  return {
    ports: { grpc: grpc.port(), health: health.port() },
    stop: () => owned.disposeAsync(),
  };
}

async function makeFirstTenant(
  database: Database,
  config: SubscriptionServiceConfig,
  { logger }: ServiceContext,
): Promise<void> {
  const outcome = await bootstrap(database, config);
  if (outcome === 'made')
    logger.info('there was no tenant: "default" was made, with the keys given');
  if (outcome === 'without_key') {
    logger.warn(
      'there is no tenant, and so no key that any call is answered to: set HOOKLINE_BOOTSTRAP_API_KEY and start again',
    );
  }
}

function authenticator({ pool }: Database): Authenticate {
  const verifier = createApiKeyVerifier((text, values) =>
    pool.query(text, values).then((result) => result.rows),
  );
  return (key) => verifier.verify(key);
}

async function waitForSchema(database: Database, { logger, signal }: ServiceContext) {
  await retryUntil({
    what: 'Postgres and its schema',
    mend: 'start Postgres and run the migrations (npx pnpm migrate), or set HOOKLINE_POSTGRES_URL',
    attempt: () => checkSchema(database.kysely),
    isFatal: (error) => error instanceof SchemaTooNewError,
    signal,
    logger,
  });
}
