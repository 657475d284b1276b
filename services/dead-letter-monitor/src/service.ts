import { advisoryStream, subjects } from '@hookline/contracts';
import type { Sealer } from '@hookline/credentials';
import type { Database } from '@hookline/event-log';
import {
  ask,
  consumeBatches,
  createPublisher,
  type Nats,
  publishWakeUp,
  subscribeWakeUps,
} from '@hookline/messaging';
import {
  type Platform,
  type RunningService,
  type ServiceContext,
  startOnPlatform,
} from '@hookline/service-runtime';
import { createSubscriptionIndex, createSubscriptionStore } from '@hookline/subscriptions';
import { createAnnouncer } from './announce.ts';
import type { MonitorConfig } from './config.ts';
import { createDeadLetterService } from './grpc/dead-letter-service.ts';
import { createFileMailer } from './mail/file-mailer.ts';
import type { SendMail } from './mail/mail.ts';
import { createSmtpMailer } from './mail/smtp-mailer.ts';
import { createMonitor, type Monitor } from './monitor.ts';
import { createAdvisoryReader } from './read-advisories.ts';
import { createStateMetrics } from './state-metrics.ts';
import { watchSubscriptions } from './watched-subscriptions.ts';

const NAME = 'dead-letter-monitor';

/** Connects, and watches over what fails until it is stopped. */
export function startDeadLetterMonitor(
  config: MonitorConfig,
  context: ServiceContext,
): Promise<RunningService> {
  const healthPort = config.ports.deadLetterMonitorHealth;
  const options = { name: NAME, config, context, healthPort };
  return startOnPlatform(options, async ({ database, metrics, ...platform }) => {
    const { logger } = context;
    const { consoleUrl } = config;
    const repeatMs = config.notificationRepeatHours * 60 * 60 * 1000;
    const nats = await platform.connectNats({ needs: ['DEAD_LETTERS'] });
    const sealer = await platform.openSealer();
    const index = await platform.run(createSubscriptionIndex(database, { sealer, logger }));
    const publisher = createPublisher({ nats });
    platform.defer(() => publisher.stop());
    const monitor = await platform.run(
      createMonitor({
        ...{ database, consoleUrl, repeatMs, logger, metrics },
        subscriptions: subscriptionsOf(database, { nats, sealer }),
        sendMail: mailerOf(config),
        announce: createAnnouncer({ database, index, publisher, logger }),
        ping: (text, timeoutMs) => ask(nats, subjects.ping, { text, timeoutMs }),
        keptDays: config.retentionDays,
        tracing: platform.tracing,
      }),
    );
    await platform.run(
      createStateMetrics({ pool: database.pool, metrics, logger: context.logger }),
    );
    wakeByNats(monitor, nats, platform);
    await platform.run(
      createAdvisoryReader({
        ...{ database, consoleUrl, repeatMs, logger, consumer: advisoriesOf(nats) },
        onNotification: () => monitor.wakeMails(),
      }),
    );
    await platform.serveGrpc(config.ports.deadLettersGrpc, [
      createDeadLetterService({
        database,
        sealer,
        askForResubmit: (text, timeoutMs) => ask(nats, subjects.resubmit, { text, timeoutMs }),
      }),
    ]);
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
    onChanged: () => publishWakeUp(nats, subjects.subscriptionChanged),
  });
}

/** Wake-ups only make it sooner; what they speak of is read from Postgres. */
function wakeByNats(monitor: Monitor, nats: Nats, platform: Pick<Platform, 'defer'>): void {
  const wakeUps = [
    subscribeWakeUps(nats, subjects.deadLettered, () => monitor.wake()),
    subscribeWakeUps(nats, subjects.rejected, () => monitor.wakeRejected()),
  ];
  platform.defer(() => {
    for (const wakeUp of wakeUps) wakeUp.stop();
  });
}

/** Shared by all monitors: each advisory is read by one. */
function advisoriesOf(nats: Nats) {
  return consumeBatches({ nats, stream: advisoryStream, durable: NAME, batchMax: 100 });
}

function mailerOf({ smtpUrl, smtpFrom, mailFolder }: MonitorConfig): SendMail {
  return smtpUrl === undefined
    ? createFileMailer({ folder: mailFolder, from: smtpFrom })
    : createSmtpMailer({ url: smtpUrl, from: smtpFrom });
}
