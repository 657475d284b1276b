import { subjects } from '@hookline/contracts';
import type { Database } from '@hookline/event-log';
import { ask, publishWakeUp, subscribeWakeUps } from '@hookline/messaging';
import {
  createPeriodic,
  type RunningService,
  type ServiceContext,
  startOnPlatform,
} from '@hookline/service-runtime';
import { createSubscriptionStore, createSubscriptionWatch } from '@hookline/subscriptions';
import { startAdministration } from './administration.ts';
import type { SubscriptionServiceConfig } from './config.ts';
import { createSubscriptionEvents } from './events.ts';
import type { Ping } from './grpc/subscription-ping.ts';
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
export function startSubscriptionService(
  config: SubscriptionServiceConfig,
  context: ServiceContext,
): Promise<RunningSubscriptionService> {
  const { logger } = context;
  const healthPort = config.ports.subscriptionServiceHealth;
  const options = { name: NAME, config, context, healthPort };
  return startOnPlatform(options, async ({ database, health, ...platform }) => {
    await makeFirstTenant(database, config, context);
    // Without NATS every answer is the same.
    const nats = await platform.connectNats({ needs: 'nothing' });
    const sealer = await platform.openSealer();
    const store = createSubscriptionStore(database, { sealer });
    await platform.run(
      createPeriodic({
        name: 'forgetting old request ids',
        intervalMs: FORGET_EVERY_MS,
        runOnce: async () => {
          await store.forgetRequests();
        },
        logger,
      }),
    );
    const watch = createSubscriptionWatch(database, { sealer, logger });
    platform.defer(() => watch.stop());
    const changes = subscribeWakeUps(nats, subjects.subscriptionChanged, watch.wake);
    platform.defer(() => changes.stop());
    const events = createSubscriptionEvents(logger, () => {
      publishWakeUp(nats, subjects.subscriptionChanged);
      // Without NATS those who watch here hear of it all the same.
      if (!nats.isConnected()) watch.wake();
    });
    const admin = await startAdministration({
      administration: { database, sealer, now: Date.now },
      config,
      subscriptions: store,
      platform,
      nats,
      logger,
    });
    const ping: Ping = (text, timeoutMs) => ask(nats, subjects.ping, { text, timeoutMs });
    const policy = { allowSubnets: config.allowSubnets, allowHttp: config.allowHttp };
    const grpc = await platform.serveGrpc(config.ports.subscriptionsGrpc, [
      subscriptionService({ store, sealer, policy, events, database, ping, watch }),
      admin,
    ]);
    return { ports: { grpc: grpc.port(), health: health.port() } };
  });
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
