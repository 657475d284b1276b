import { randomUUID } from 'node:crypto';
import { streamDefinitions, subjects } from '@hookline/contracts';
import { answerRequests, consumeBatches, type Nats, publishWakeUp } from '@hookline/messaging';
import { createSafeHttpClient, type OutboundPolicy } from '@hookline/safe-http';
import {
  type RunningService,
  type ServiceContext,
  startOnPlatform,
} from '@hookline/service-runtime';
import { createSubscriptionIndex } from '@hookline/subscriptions';
import type { DispatcherConfig } from './config.ts';
import { createDispatch } from './dispatch.ts';
import { followChanges } from './follow-changes.ts';
import { createDeliveryService } from './grpc/delivery-service.ts';
import { createLiveAttempts } from './live-attempts.ts';
import { createDispatchMetrics } from './metrics.ts';

const NAME = 'dispatcher';
const STREAM_READ = 'EVENTS';

/** A dispatcher at work. */
export interface RunningDispatcher extends RunningService {
  readonly ports: { readonly grpc: number };
}

/** Connects, loads the index, and dispatches until it is stopped. */
export function startDispatcher(
  config: DispatcherConfig,
  context: ServiceContext,
): Promise<RunningDispatcher> {
  const { logger } = context;
  const healthPort = config.ports.dispatcherHealth;
  const options = { name: NAME, config, context, healthPort, maxConnections: 10 };
  return startOnPlatform(options, async ({ database, metrics, ...platform }) => {
    const nats = await platform.connectNats();
    const sealer = await platform.openSealer();
    const index = await platform.run(createSubscriptionIndex(database, { sealer, logger }));
    const dispatcherId = `dsp_${randomUUID()}`;
    const live = createLiveAttempts(nats, { dispatcherId });
    platform.defer(() => live.stop());
    const client = httpClient(config);
    const dispatch = await platform.run(
      createDispatch({
        database,
        dispatcherId,
        onAttempt: live.tell,
        index,
        client,
        logger,
        consumer: eventsConsumer(nats),
        metrics: createDispatchMetrics(metrics),
        onDead: () => publishWakeUp(nats, subjects.deadLettered),
      }),
    );
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

/** Its bounds lie above the executor's, so that none of them is ever met. */
function httpClient(config: DispatcherConfig) {
  return createSafeHttpClient({
    policy: outboundPolicy(config),
    connectionsPerOriginMax: 256,
    waitingPerOriginMax: 8_192,
    requestsMax: 8_192,
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
