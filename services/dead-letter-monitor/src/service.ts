import { subjects } from '@hookline/contracts';
import type { Sealer } from '@hookline/credentials';
import type { Database } from '@hookline/event-log';
import { type Nats, publishWakeUp, subscribeWakeUps } from '@hookline/messaging';
import {
  type Platform,
  type RunningService,
  type ServiceContext,
  startOnPlatform,
} from '@hookline/service-runtime';
import { createSubscriptionStore } from '@hookline/subscriptions';
import type { MonitorConfig } from './config.ts';
import { createDeadLetterService } from './grpc/dead-letter-service.ts';
import { createFileMailer } from './mail/file-mailer.ts';
import type { SendMail } from './mail/mail.ts';
import { createSmtpMailer } from './mail/smtp-mailer.ts';
import { createMonitor, type Monitor } from './monitor.ts';
import { createStateMetrics } from './state-metrics.ts';
import { watchSubscriptions } from './watched-subscriptions.ts';

const NAME = 'dead-letter-monitor';

/** Connects, and watches over dead letters until it is stopped. */
export function startDeadLetterMonitor(
  config: MonitorConfig,
  context: ServiceContext,
): Promise<RunningService> {
  const healthPort = config.ports.deadLetterMonitorHealth;
  const options = { name: NAME, config, context, healthPort };
  return startOnPlatform(options, async ({ database, metrics, ...platform }) => {
    const nats = await platform.connectNats({ needs: ['DEAD_LETTERS'] });
    const monitor = await platform.run(
      createMonitor({
        database,
        subscriptions: subscriptionsOf(database, { nats, sealer: await platform.openSealer() }),
        sendMail: mailerOf(config),
        consoleUrl: config.consoleUrl,
        logger: context.logger,
        metrics,
        tracing: platform.tracing,
      }),
    );
    await platform.run(
      createStateMetrics({ pool: database.pool, metrics, logger: context.logger }),
    );
    wakeByNats(monitor, nats, platform);
    await platform.serveGrpc(config.ports.deadLettersGrpc, [createDeadLetterService(database)]);
    return {};
  });
}

function subscriptionsOf(
  database: Database,
  { nats, sealer }: { readonly nats: Nats; readonly sealer: Sealer },
) {
  const store = createSubscriptionStore(database, { sealer });
  return watchSubscriptions({
    database,
    store,
    onDisabled: () => publishWakeUp(nats, subjects.subscriptionChanged),
  });
}

/** Wake-ups only make it sooner; what they speak of is read from Postgres. */
function wakeByNats(monitor: Monitor, nats: Nats, platform: Pick<Platform, 'defer'>): void {
  const wakeUps = subscribeWakeUps(nats, subjects.deadLettered, () => monitor.wake());
  platform.defer(() => wakeUps.stop());
}

function mailerOf({ smtpUrl, smtpFrom, mailFolder }: MonitorConfig): SendMail {
  return smtpUrl === undefined
    ? createFileMailer({ folder: mailFolder, from: smtpFrom })
    : createSmtpMailer({ url: smtpUrl, from: smtpFrom });
}
