import {
  loadReflectionPackage,
  type StreamDefinition,
  streamDefinitions,
} from '@hookline/contracts';
import {
  createApiKeyVerifier,
  openTenantSealer,
  type Query,
  type TenantSealer,
} from '@hookline/credentials';
import { checkSchema, type Database, openDatabase, SchemaTooNewError } from '@hookline/event-log';
import { connectNats, ensureStreams, type Nats } from '@hookline/messaging';
import { noTelemetry, type Tracing } from '@hookline/telemetry';
import type { ProcessConfig } from './common-config.ts';
import { followCredentialNotices } from './credential-notices.ts';
import { followReadiness } from './follow-readiness.ts';
import type { Authenticate } from './grpc/grpc-auth.ts';
import { createGrpcServer, type GrpcServer } from './grpc/grpc-server.ts';
import type { GrpcService } from './grpc/grpc-service.ts';
import { openGrpcServerTls } from './grpc/grpc-tls.ts';
import { createHealthServer, type HealthServer } from './health-server.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { registerProcessMetrics } from './process-metrics.ts';
import { logIsWritable, streamsAreThere } from './readiness.ts';
import { retryUntil } from './retry-until.ts';
import type { RunningService, ServiceContext } from './run-service.ts';
import { StartError } from './start-error.ts';

export interface PlatformOptions {
  /** The service's name, in logs, in pg_stat_activity and towards NATS. */
  readonly name: string;
  readonly config: ProcessConfig & {
    readonly postgresUrl: string;
    readonly natsUrl: string;
    readonly natsCredsPath: string | undefined;
    readonly masterKey?: string;
    readonly masterKeysOld?: readonly string[];
    readonly grpcTlsCertPath?: string | undefined;
    readonly grpcTlsKeyPath?: string | undefined;
  };
  readonly context: ServiceContext;
  readonly healthPort: number;
  /** Connections to Postgres, default 8. */
  readonly maxConnections?: number;
  /** See DatabaseOptions. */
  readonly indexesOnly?: boolean;
}

/** A part with a lifecycle. */
export interface Part {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** What every service with a database stands on. What is started last is stopped first. */
export interface Platform {
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly health: HealthServer;
  readonly database: Database;
  /** Verifies API keys. */
  readonly authenticate: Authenticate;
  /** Opens what seals secrets and personal data, a key for each tenant. Call it once. */
  openSealer(): Promise<TenantSealer>;
  /** Forgets what is remembered of a key that was revoked here. */
  forgetKey(keyId: string): void;
  /**
   * Connects to NATS, waiting for it, and makes sure of the streams. The service is ready only while
   * NATS answers and has the streams of `needs`; with `needs: 'nothing'`, also without NATS.
   */
  connectNats(options: {
    readonly needs: readonly StreamDefinition['name'][] | 'nothing';
  }): Promise<Nats>;
  /** Starts a part, and stops it with the rest. */
  run<T extends Part>(part: T): Promise<T>;
  /** Has something done when the service stops. */
  defer(stop: () => Promise<void> | void): void;
  /**
   * Serves gRPC, with health and reflection. Each key is limited to HOOKLINE_REQUESTS_PER_SECOND
   * unless `callsPerSecondMax` says otherwise; a quota of its tenant goes before both.
   */
  serveGrpc(
    port: number,
    services: readonly GrpcService[],
    options?: { readonly callsPerSecondMax?: number },
  ): Promise<GrpcServer>;
}

/**
 * Opens health and metrics, then Postgres, waits for its schema, and starts the service on them;
 * `/readyz` says so when `start` resolves. When anything fails, nothing stays open.
 */
export async function startOnPlatform<T extends object>(
  options: PlatformOptions,
  start: (platform: Platform) => Promise<T>,
): Promise<T & RunningService> {
  await using resources = new AsyncDisposableStack();
  const platform = await openPlatform(options, resources);
  const started = await start(platform);
  platform.health.setReady(true);
  resources.defer(() => platform.health.setReady(false));
  const owned = resources.move();
  return { ...started, stop: () => owned.disposeAsync() };
}

async function openPlatform(
  options: PlatformOptions,
  resources: AsyncDisposableStack,
): Promise<Platform> {
  const { name, config, context } = options;
  const { logger, telemetry = noTelemetry } = context;
  const { tracing } = telemetry;
  const run = async <T extends Part>(part: T): Promise<T> => {
    resources.defer(() => part.stop());
    await part.start();
    return part;
  };
  const metrics = createMetrics();
  registerProcessMetrics(metrics, { service: name, context });
  telemetry.exportMetrics(metrics.families);
  const health = await run(
    createHealthServer({
      ...{ service: name, host: config.bind, port: options.healthPort, metrics },
      ...(context.build !== undefined && { build: context.build }),
    }),
  );
  const database = openDatabase({
    url: config.postgresUrl,
    role: 'hookline_service',
    applicationName: `hookline-${name}`,
    onError: (error) => logger.warn({ err: error }, 'a connection to Postgres broke'),
    ...(options.maxConnections !== undefined && { maxConnections: options.maxConnections }),
    ...(options.indexesOnly !== undefined && { indexesOnly: options.indexesOnly }),
  });
  resources.defer(() => database.close());
  await waitForSchema(database, context);
  health.addCheck('postgres', logIsWritable(database));
  const query: Query = (text, values) =>
    database.pool.query(text, values).then((result) => result.rows);
  const verifier = createApiKeyVerifier(query);
  const authenticate: Authenticate = (key) => verifier.verify(key);
  let sealer: TenantSealer | undefined;

  return {
    metrics,
    tracing,
    health,
    database,
    authenticate,
    async openSealer() {
      const { masterKey, masterKeysOld: olderKeys = [] } = config;
      if (masterKey === undefined)
        throw new Error(`${name} has no master key in its configuration`);
      sealer = await openTenantSealer({ masterKey, olderKeys, query });
      return sealer;
    },
    forgetKey: (keyId) => verifier.forget(keyId),
    run,
    defer: (stop) => resources.defer(stop),
    async connectNats({ needs }) {
      const { natsUrl: url, natsCredsPath: credsPath } = config;
      const nats = await connectNats({ url, credsPath, name, logger, signal: context.signal });
      resources.defer(() => nats.close());
      const notices = followCredentialNotices(nats, { verifier, sealer: () => sealer });
      resources.defer(() => notices.stop());
      await ensureStreams(nats.manager, streamDefinitions, logger);
      if (needs !== 'nothing') health.addCheck('nats', streamsAreThere(nats, needs));
      return nats;
    },
    async serveGrpc(port, services, { callsPerSecondMax = config.requestsPerSecond } = {}) {
      const tls = await openTls(config, logger);
      if (tls !== undefined) resources.defer(() => tls.stop());
      const grpc = await run(
        createGrpcServer({
          name,
          host: config.bind,
          port,
          services,
          authenticate,
          callsPerSecondMax,
          reflection: loadReflectionPackage(),
          logger,
          tracing,
          ...(tls !== undefined && { credentials: tls.credentials }),
        }),
      );
      await run(followReadiness({ health, metrics, logger, onLook: grpc.setServing }));
      return grpc;
    },
  };
}

async function openTls(config: PlatformOptions['config'], logger: ServiceContext['logger']) {
  const { grpcTlsCertPath: certPath, grpcTlsKeyPath: keyPath } = config;
  if (certPath === undefined && keyPath === undefined) return undefined;
  if (certPath !== undefined && keyPath !== undefined) {
    return await openGrpcServerTls({ certPath, keyPath }, logger);
  }
  throw new StartError(
    'only one of HOOKLINE_GRPC_TLS_CERT and HOOKLINE_GRPC_TLS_KEY is set',
    'set both to serve gRPC over TLS, or neither',
  );
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
