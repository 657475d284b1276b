import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { loadReflectionPackage, streamDefinitions } from '@hookline/contracts';
import { createApiKeyVerifier } from '@hookline/credentials';
import {
  checkSchema,
  type Database,
  ensurePartitions,
  openDatabase,
  SchemaTooNewError,
} from '@hookline/event-log';
import { connectNats, ensureStreams, watchStreams } from '@hookline/messaging';
import {
  type Authenticate,
  createGrpcServer,
  createHealthServer,
  createHttpServer,
  createMetrics,
  type RunningService,
  retryUntil,
  type ServiceContext,
} from '@hookline/service-runtime';
import type { GatewayConfig } from './config.ts';
import { createEventPublisher } from './event-publisher.ts';
import { createGatewayMetrics } from './gateway-metrics.ts';
import { ingestService } from './grpc/ingest-service.ts';
import { ingestRoutes } from './http/ingest-routes.ts';
import { createIngestShard } from './ingest-shard.ts';
import { createMaintenance, refuseShortRetention } from './maintenance.ts';
import { createPublishing } from './publishing.ts';
import { createRejections } from './rejections.ts';
import { createSweeper } from './sweeper.ts';

const NAME = 'producer-gateway';
/** One shard, everything; more will list their tenants. */
const SHARD_LEASE = 'ingest:all';
const MAINTENANCE_EVERY_MS = 60 * 60 * 1000;

export interface RunningGateway extends RunningService {
  /** Where it listens. */
  readonly ports: { readonly http: number; readonly grpc: number; readonly health: number };
  /** Whether it reads INGEST now, rather than standing by. */
  isReading(): boolean;
}

/** Connects, then reads INGEST whenever the lease is its own, serves HTTP and gRPC, and sweeps. */
export async function startGateway(
  config: GatewayConfig,
  context: ServiceContext,
): Promise<RunningGateway> {
  const { logger, signal } = context;
  await using resources = new AsyncDisposableStack();
  /** What is started last is stopped first. */
  const run = async <T extends { start(): Promise<void>; stop(): Promise<void> }>(part: T) => {
    resources.defer(() => part.stop());
    await part.start();
    return part;
  };

  const registry = createMetrics();
  const metrics = createGatewayMetrics(registry);
  const health = await run(
    createHealthServer({
      service: NAME,
      host: config.bind,
      port: config.ports.producerGatewayHealth,
      metrics: registry,
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
  const { pool } = database;
  const holder = `${hostname()}:${process.pid}:${randomUUID()}`;
  const { retentionDays, dedupeDays } = config;
  await ensurePartitions(pool);
  await refuseShortRetention(pool, retentionDays);
  await run(
    createMaintenance({
      pool,
      retentionDays,
      dedupeDays,
      holder,
      intervalMs: MAINTENANCE_EVERY_MS,
      logger,
    }),
  );

  const nats = await connectNats({
    url: config.natsUrl,
    credsPath: config.natsCredsPath,
    name: NAME,
    logger,
    signal,
  });
  resources.defer(() => nats.close());
  await ensureStreams(nats.manager, streamDefinitions, logger);

  const publisher = createEventPublisher({ nats, logger, metrics });
  resources.defer(() => publisher.stop());
  const { sweepAfterMs, sweepEveryMs } = config;
  const publishing = createPublishing({ pool, dedupeDays, publisher, metrics });
  resources.defer(() => publishing.stop());

  const parts = { nats, pool, publisher, metrics, logger };
  const sweeper = await run(createSweeper({ ...parts, sweepAfterMs, intervalMs: sweepEveryMs }));
  const watch = watchStreams({
    nats,
    definitions: streamDefinitions,
    onRecreated: (stream) => {
      if (stream === 'EVENTS') sweeper.wake();
    },
  });
  resources.defer(() => watch.stop());

  const shard = await run(
    createIngestShard({
      ...parts,
      dedupeDays,
      keepRejected: createRejections(pool, nats),
      leaseName: SHARD_LEASE,
      holder,
      leaseMs: config.leaseMs,
      renewEveryMs: config.renewEveryMs,
    }),
  );

  const verifier = createApiKeyVerifier((text, values) =>
    pool.query(text, values).then((result) => result.rows),
  );
  const authenticate: Authenticate = (key) => verifier.verify(key);
  const grpc = await run(
    createGrpcServer({
      name: NAME,
      host: config.bind,
      port: config.ports.ingestGrpc,
      services: [ingestService({ publishing, metrics })],
      authenticate,
      reflection: loadReflectionPackage(),
      logger,
    }),
  );
  const http = await run(
    createHttpServer({
      name: NAME,
      host: config.bind,
      port: config.ports.ingest,
      bodies: 'bytes',
      routes: ingestRoutes({ publishing, authenticate, metrics }),
      logger,
    }),
  );

  health.addCheck('postgres', async () => {
    await pool.query('SELECT 1');
  });
  health.addCheck('nats', () => {
    if (!nats.isConnected()) throw new Error('not connected');
  });
  health.setReady(true);
  resources.defer(() => health.setReady(false));
  const owned = resources.move();
  return {
    ports: { http: http.port(), grpc: grpc.port(), health: health.port() },
    isReading: shard.isReading,
    stop: () => owned.disposeAsync(),
  };
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
