import { loadReflectionPackage, streamDefinitions, subjects } from '@hookline/contracts';
import { createApiKeyVerifier, createSealer } from '@hookline/credentials';
import { checkSchema, type Database, openDatabase, SchemaTooNewError } from '@hookline/event-log';
import {
  connectNats,
  ensureStreams,
  type Nats,
  publishWakeUp,
  subscribeWakeUps,
} from '@hookline/messaging';
import {
  createGrpcServer,
  createHealthServer,
  createMetrics,
  type RunningService,
  retryUntil,
  type ServiceContext,
} from '@hookline/service-runtime';
import { createSubscriptionStore } from '@hookline/subscriptions';
import type { MonitorConfig } from './config.ts';
import { createDeadLetterService } from './grpc/dead-letter-service.ts';
import { createFileMailer } from './mail/file-mailer.ts';
import type { SendMail } from './mail/mail.ts';
import { createSmtpMailer } from './mail/smtp-mailer.ts';
import { createMonitor, type Monitor } from './monitor.ts';
import { watchSubscriptions } from './watched-subscriptions.ts';

const NAME = 'dead-letter-monitor';

/** Connects, and watches over dead letters until it is stopped. */
export async function startDeadLetterMonitor(
  config: MonitorConfig,
  context: ServiceContext,
): Promise<RunningService> {
  const { logger, signal } = context;
  await using resources = new AsyncDisposableStack();

  const metrics = createMetrics();
  const health = createHealthServer({
    service: NAME,
    host: config.bind,
    port: config.ports.deadLetterMonitorHealth,
    metrics,
  });
  await health.start();
  resources.defer(() => health.stop());

  const database = openDatabase({
    url: config.postgresUrl,
    role: 'hookline_service',
    applicationName: `hookline-${NAME}`,
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

  const monitor = createMonitor({
    database,
    subscriptions: subscriptionsOf(config, database, nats),
    sendMail: mailerOf(config),
    consoleUrl: config.consoleUrl,
    logger,
    metrics,
  });
  await monitor.start();
  resources.defer(() => monitor.stop());
  wakeByNats(monitor, nats, resources);

  const grpc = createGrpcServer({
    name: NAME,
    host: config.bind,
    port: config.ports.deadLettersGrpc,
    services: [createDeadLetterService(database)],
    authenticate: authenticator(database),
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

function subscriptionsOf(config: MonitorConfig, database: Database, nats: Nats) {
  const store = createSubscriptionStore(database, { sealer: createSealer(config.masterKey) });
  return watchSubscriptions({
    database,
    store,
    onDisabled: () => publishWakeUp(nats, subjects.subscriptionChanged),
  });
}

/** Wake-ups only make it sooner; what they speak of is read from Postgres. */
function wakeByNats(monitor: Monitor, nats: Nats, resources: AsyncDisposableStack): void {
  const wakeUps = subscribeWakeUps(nats, subjects.deadLettered, () => monitor.wake());
  resources.defer(() => wakeUps.stop());
}

function authenticator({ pool }: Database) {
  const verifier = createApiKeyVerifier((text, values) =>
    pool.query(text, values).then((result) => result.rows),
  );
  return (key: string) => verifier.verify(key);
}

function mailerOf({ smtpUrl, smtpFrom, mailFolder }: MonitorConfig): SendMail {
  return smtpUrl === undefined
    ? createFileMailer({ folder: mailFolder, from: smtpFrom })
    : createSmtpMailer({ url: smtpUrl, from: smtpFrom });
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
