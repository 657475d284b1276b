import { randomUUID } from 'node:crypto';
import { loadReflectionPackage, streamDefinitions, subjects } from '@hookline/contracts';
import { createApiKeyVerifier, createSealer } from '@hookline/credentials';
import { checkSchema, type Database, openDatabase, SchemaTooNewError } from '@hookline/event-log';
import {
  connectNats,
  consumeBatches,
  ensureStreams,
  type Nats,
  publishWakeUp,
  subscribeWakeUps,
} from '@hookline/messaging';
import { createSafeHttpClient } from '@hookline/safe-http';
import {
  createGrpcServer,
  createHealthServer,
  createMetrics,
  type RunningService,
  retryUntil,
  type ServiceContext,
} from '@hookline/service-runtime';
import { createSubscriptionIndex } from '@hookline/subscriptions';
import type { DispatcherConfig } from './config.ts';
import { createDispatch } from './dispatch.ts';
import { createDeliveryService } from './grpc/delivery-service.ts';
import { createDispatchMetrics } from './metrics.ts';

const NAME = 'dispatcher';
const STREAM_READ = 'EVENTS';

/** Connects, loads the index, and dispatches until it is stopped. */
export async function startDispatcher(
  config: DispatcherConfig,
  context: ServiceContext,
): Promise<RunningService> {
  const { logger, signal } = context;
  await using resources = new AsyncDisposableStack();
  const dispatcherId = `dsp_${randomUUID()}`;

  const metrics = createMetrics();
  const health = createHealthServer({
    service: NAME,
    host: config.bind,
    port: config.ports.dispatcherHealth,
    metrics,
  });
  await health.start();
  resources.defer(() => health.stop());

  const database = openDatabase({
    url: config.postgresUrl,
    role: 'hookline_service',
    applicationName: `hookline-${NAME}`,
    maxConnections: 10,
    onError: (error) => logger.warn({ err: error }, 'a connection to Postgres broke'),
  });
  resources.defer(() => database.close());
  await waitForSchema(database, context);

  const nats = await connectNats({
    url: config.natsUrl,
    credsPath: config.natsCredsPath,
    name: NAME,
    logger,
    signal,
  });
  resources.defer(() => nats.close());
  await ensureStreams(nats.manager, streamDefinitions, logger);

  const index = createSubscriptionIndex(database, {
    sealer: createSealer(config.masterKey),
    logger,
  });
  await index.start();
  resources.defer(() => index.stop());
  const changes = subscribeWakeUps(nats, subjects.subscriptionChanged, () => {
    index
      .refresh()
      .catch((error) => logger.warn({ err: error }, 'subscriptions were not refreshed'));
  });
  resources.defer(() => changes.stop());

  const client = createSafeHttpClient({
    policy: { allowSubnets: config.allowSubnets, allowHttp: config.allowHttp },
    connectionsPerOriginMax: 256,
    waitingPerOriginMax: 8_192,
    requestsMax: 8_192,
  });
  const dispatch = createDispatch({
    database,
    dispatcherId,
    index,
    client,
    logger,
    consumer: eventsConsumer(nats),
    metrics: createDispatchMetrics(metrics),
    onDead: () => publishWakeUp(nats, subjects.deadLettered),
  });
  await dispatch.start();
  resources.defer(() => dispatch.stop());

  const verifier = createApiKeyVerifier((text, values) =>
    database.pool.query(text, values).then((result) => result.rows),
  );
  const grpc = createGrpcServer({
    name: NAME,
    host: config.bind,
    port: config.ports.deliveriesGrpc,
    services: [createDeliveryService(database)],
    authenticate: (key) => verifier.verify(key),
    reflection: loadReflectionPackage(),
    logger,
  });
  await grpc.start();
  resources.defer(() => grpc.stop());

  health.addCheck('postgres', async () => {
    await database.pool.query('SELECT 1');
  });
  health.addCheck('nats', () => {
    if (!nats.isConnected()) throw new Error('not connected');
  });
  health.setReady(true);
  resources.defer(() => health.setReady(false));
  const owned = resources.move();
  return { stop: () => owned.disposeAsync() };
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

/** The consumer that all dispatchers share. */
export function eventsConsumer(nats: Nats) {
  const stream = streamDefinitions.find((definition) => definition.name === STREAM_READ);
  if (stream === undefined) throw new Error(`${STREAM_READ} is not defined`);
  return consumeBatches({
    nats,
    stream,
    durable: NAME,
    maxAckPending: 1_024,
    ackWaitMs: 15_000,
    batchMax: 16,
    bufferMax: 32,
  });
}
