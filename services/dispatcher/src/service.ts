import { randomUUID } from 'node:crypto';
import { streamDefinitions, subjects } from '@hookline/contracts';
import type { Database } from '@hookline/event-log';
import {
  answerRequests,
  type BatchConsumer,
  consumeBatches,
  type Nats,
  publishWakeUp,
} from '@hookline/messaging';
import type { OutboundPolicy, Resolve, SafeHttpClient } from '@hookline/safe-http';
import {
  type RunningService,
  type ServiceContext,
  startOnPlatform,
} from '@hookline/service-runtime';
import { createSubscriptionIndex } from '@hookline/subscriptions';
import { createBacklogMetrics } from './backlog-metrics.ts';
import type { DispatcherConfig } from './config.ts';
import { createDispatch } from './dispatch.ts';
import { followChanges } from './follow-changes.ts';
import { createDeliveryService } from './grpc/delivery-service.ts';
import { openHttpClient } from './http-client.ts';
import { createLiveAttempts } from './live-attempts.ts';
import { createDispatchMetrics } from './metrics.ts';

const NAME = 'dispatcher';
const STREAM_READ = 'EVENTS';

/** A dispatcher at work. */
export interface RunningDispatcher extends RunningService {
  readonly ports: { readonly grpc: number };
}

/** What stands between dispatching and the world, each made around or instead of the real one. */
export interface Surroundings {
  readonly client?: (client: SafeHttpClient) => SafeHttpClient;
  /** How the client resolves names. */
  readonly resolve?: Resolve;
  readonly consumer?: (consumer: BatchConsumer) => BatchConsumer;
  readonly database?: (database: Database) => Database;
}

/** Connects, loads the index, and dispatches until it is stopped. */
export function startDispatcher(
  config: DispatcherConfig,
  context: ServiceContext,
  around: Surroundings = {},
): Promise<RunningDispatcher> {
  const { logger } = context;
  const healthPort = config.ports.dispatcherHealth;
  const options = {
    name: NAME,
    config,
    context,
    healthPort,
    maxConnections: 10,
    indexesOnly: true,
  };
  return startOnPlatform(options, async ({ database, metrics, ...platform }) => {
    const nats = await platform.connectNats({ needs: ['EVENTS'] });
    const sealer = await platform.openSealer();
    const index = await platform.run(createSubscriptionIndex(database, { sealer, logger }));
    platform.health.addCheck('index', () => index.refresh());
    const dispatcherId = `dsp_${randomUUID()}`;
    const live = createLiveAttempts(nats, { dispatcherId });
    platform.defer(() => live.stop());
    const client = await openHttpClient(config, around.resolve);
    const consumer = eventsConsumer(nats);
    const dispatch = await platform.run(
      createDispatch({
        database: around.database?.(database) ?? database,
        dispatcherId,
        onAttempt: live.tell,
        index,
        client: around.client?.(client) ?? client,
        logger,
        tracing: platform.tracing,
        consumer: around.consumer?.(consumer) ?? consumer,
        metrics: createDispatchMetrics(metrics),
        onDead: () => publishWakeUp(nats, subjects.deadLettered),
      }),
    );
    const { pool } = database;
    await platform.run(createBacklogMetrics({ pool, metrics, logger }));
    const pings = answerRequests(nats, { subject: subjects.ping, queue: NAME }, dispatch.ping);
    platform.defer(() => pings.stop());
    const changes = followChanges(nats, index, { logger, onChanged: dispatch.wake });
    platform.defer(() => changes.stop());
    const deliveries = createDeliveryService({
      database,
      nats,
      index,
      sealer,
      dispatcherId,
      client,
      policy: outboundPolicy(config),
      onQueued: dispatch.replay,
      onDue: dispatch.wake,
      onSkipped() {
        dispatch.wake();
        publishWakeUp(nats, subjects.deadLettered);
      },
    });
    const grpc = await platform.serveGrpc(config.ports.deliveriesGrpc, [deliveries]);
    return { ports: { grpc: grpc.port() } };
  });
}

function outboundPolicy({ allowSubnets, allowHttp }: DispatcherConfig): OutboundPolicy {
  return { allowSubnets, allowHttp };
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
