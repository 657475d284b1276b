import { createRedactionWith, streamDefinitions, subjects } from '@hookline/contracts';
import { ensurePartitions } from '@hookline/event-log';
import { answerRequests, watchStreams } from '@hookline/messaging';
import {
  createHttpServer,
  type Platform,
  type RunningService,
  type ServiceContext,
  startOnPlatform,
} from '@hookline/service-runtime';
import { createAgentActivity } from './agent-activity.ts';
import type { GatewayConfig } from './config.ts';
import { createEventChecks } from './event-checks.ts';
import { createEventPublisher } from './event-publisher.ts';
import { createEventSpans } from './event-spans.ts';
import { createGatewayMetrics } from './gateway-metrics.ts';
import { ingestService } from './grpc/ingest-service.ts';
import { ingestRoutes } from './http/ingest-routes.ts';
import type { Normalise } from './ingest-batch.ts';
import { createIngestShards } from './ingest-shards.ts';
import { createIngestSpans } from './ingest-spans.ts';
import { formatHolder, newHolder } from './lease-holder.ts';
import { createLogMetrics } from './log-metrics.ts';
import { createMaintenance, refuseShortRetention } from './maintenance.ts';
import { createPublishing } from './publishing.ts';
import { createQuotas } from './quotas.ts';
import { createRejections } from './rejections.ts';
import { createResubmitter } from './resubmit.ts';
import { storeLayout } from './stored-layout.ts';
import { createStreamMetrics } from './stream-metrics.ts';
import { createSweeper, type SweeperOptions } from './sweeper.ts';
import { createTenantDirectory } from './tenant-directory.ts';

const NAME = 'producer-gateway';
const SHOW_STATE_EVERY_MS = 10_000;
const MAINTENANCE_EVERY_MS = 60 * 60 * 1000;

export interface RunningGateway extends RunningService {
  /** Where it listens. */
  readonly ports: { readonly http: number; readonly grpc: number; readonly health: number };
  /** Whether it reads INGEST now, rather than standing by. */
  isReading(): boolean;
  /** The shards that it reads now. */
  shardsRead(): string[];
}

/** What tests put in place of a part, to see what happens when it fails. */
export interface GatewaySeams {
  readonly normalise?: Normalise;
}

/** Connects, then reads INGEST whenever the lease is its own, serves HTTP and gRPC, and sweeps. */
export function startGateway(
  config: GatewayConfig,
  context: ServiceContext,
  seams: GatewaySeams = {},
): Promise<RunningGateway> {
  const { logger } = context;
  const healthPort = config.ports.producerGatewayHealth;
  const options = { name: NAME, config, context, healthPort };
  return startOnPlatform(options, async (platform) => {
    const { authenticate, health, tracing } = platform;
    const { pool } = platform.database;
    const metrics = createGatewayMetrics(platform.metrics);
    const self = newHolder();
    await maintain({ platform, config, holder: formatHolder(self), logger });
    const nats = await platform.connectNats({ needs: ['INGEST', 'EVENTS'] });
    const spans = createEventSpans(tracing);
    const publisher = createEventPublisher({ nats, logger, metrics, spans });
    platform.defer(() => publisher.stop());
    const { dedupeDays } = config;
    const directory = await platform.run(
      createTenantDirectory({ pool, logger, intervalMs: config.followEveryMs }),
    );
    await directory.load();
    const quotas = createQuotas({
      directory,
      eventsPerSecondDefault: config.tenantEventsPerSecond,
      metrics,
    });
    const publishing = createPublishing({
      ...{ pool, dedupeDays, publisher, quotas, metrics, spans, logger },
    });
    platform.defer(() => publishing.stop());

    const checks = createEventChecks({ directory, metrics, logger });
    const keepRejected = createRejections(pool, nats);

    const redact = createRedactionWith(config.redactFields);
    const resubmits = answerRequests(
      nats,
      { subject: subjects.resubmit, queue: NAME },
      createResubmitter({
        ...{ database: platform.database, publishing, checks, directory, redact, logger },
      }),
    );
    platform.defer(() => resubmits.stop());

    const activity = await platform.run(
      createAgentActivity({ pool, logger, intervalMs: config.activityEveryMs }),
    );
    const parts = { nats, pool, publisher, metrics, logger };
    await showState(platform, { nats, pool, logger });
    await sweep(platform, parts, config);
    if (config.ingestShards !== undefined && (await storeLayout(pool, config.ingestShards))) {
      logger.info('stored the layout of HOOKLINE_INGEST_SHARDS; every shard is taken over anew');
    }
    const shards = await platform.run(
      createIngestShards({
        ...parts,
        spans: createIngestSpans(tracing, spans),
        directory,
        activity,
        quotas,
        straysEveryMs: config.straysEveryMs,
        dedupeDays,
        keepRejected,
        checks,
        self,
        leaseMs: config.leaseMs,
        renewEveryMs: config.renewEveryMs,
        followEveryMs: config.followEveryMs,
        ...seams,
      }),
    );

    // Publishing is bounded by the tenant's quota of events; calls only where the tenant has one of these.
    const grpc = await platform.serveGrpc(
      config.ports.ingestGrpc,
      [ingestService({ publishing, checks, metrics })],
      { callsPerSecondMax: Number.POSITIVE_INFINITY },
    );
    const http = await platform.run(
      createHttpServer({
        name: NAME,
        host: config.bind,
        port: config.ports.ingest,
        bodies: 'bytes',
        tracing,
        routes: ingestRoutes({
          publishing,
          checks,
          quotas,
          keepRejected,
          authenticate,
          redact,
          metrics,
        }),
        logger,
      }),
    );
    return {
      ports: { http: http.port(), grpc: grpc.port(), health: health.port() },
      isReading: () => shards.reading().length > 0,
      shardsRead: shards.reading,
    };
  });
}

/** Partitions for the days to come are there before anything is appended; old ones are dropped hourly. */
async function maintain({ platform, config, holder, logger }: Maintained): Promise<void> {
  const { pool } = platform.database;
  const { retentionDays, dedupeDays } = config;
  await ensurePartitions(pool);
  await refuseShortRetention(pool, retentionDays);
  const intervalMs = MAINTENANCE_EVERY_MS;
  await platform.run(
    createMaintenance({ pool, retentionDays, dedupeDays, holder, intervalMs, logger }),
  );
}

interface Maintained {
  readonly platform: Platform;
  readonly config: GatewayConfig;
  readonly holder: string;
  readonly logger: ServiceContext['logger'];
}

/** Shows what only Postgres and NATS know. */
async function showState(
  platform: Platform,
  parts: Pick<SweeperOptions, 'nats' | 'pool' | 'logger'>,
): Promise<void> {
  const options = { ...parts, metrics: platform.metrics, intervalMs: SHOW_STATE_EVERY_MS };
  await platform.run(createLogMetrics(options));
  await platform.run(createStreamMetrics(options));
}

/** What a stream loses the sweeper publishes again, at once when EVENTS itself was lost. */
async function sweep(
  platform: Platform,
  parts: Omit<SweeperOptions, 'sweepAfterMs' | 'intervalMs'>,
  { sweepAfterMs, sweepEveryMs }: GatewayConfig,
): Promise<void> {
  const { nats } = parts;
  const sweeper = await platform.run(
    createSweeper({ ...parts, sweepAfterMs, intervalMs: sweepEveryMs }),
  );
  const watch = watchStreams({
    nats,
    definitions: streamDefinitions,
    onRecreated: (stream) => {
      if (stream === 'EVENTS') sweeper.wake();
    },
  });
  platform.defer(() => watch.stop());
}
