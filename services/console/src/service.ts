import { randomBytes } from 'node:crypto';
import {
  createHealthServer,
  createHttpServer,
  createMetrics,
  grpcClientCredentials,
  type RunningService,
  registerProcessMetrics,
  type ServiceContext,
} from '@hookline/service-runtime';
import { noTelemetry } from '@hookline/telemetry';
import type { ConsoleConfig } from './config.ts';
import { createGrpcClients } from './grpc-clients.ts';
import { createPageFiles } from './page/page-files.ts';
import { registerRoutes } from './routes.ts';
import { createSessionSealer } from './session/sealed-session.ts';

const NAME = 'console';

/** Serves REST and the page. It needs no other service to start; what is away answers 503. */
export async function startConsole(
  config: ConsoleConfig,
  context: ServiceContext,
): Promise<RunningService> {
  const { logger, telemetry = noTelemetry } = context;
  await using resources = new AsyncDisposableStack();
  const metrics = createMetrics();
  registerProcessMetrics(metrics, { service: NAME, context });
  telemetry.exportMetrics(metrics.families);
  const health = createHealthServer({
    service: NAME,
    host: config.bind,
    port: config.ports.consoleHealth,
    metrics,
    ...(context.build !== undefined && { build: context.build }),
  });
  await health.start();
  resources.defer(() => health.stop());

  const clients = createGrpcClients(
    config.addresses,
    await grpcClientCredentials(config.grpcTlsCaPath),
    telemetry.tracing,
  );
  resources.defer(() => clients.close());
  const sessions = createSessionSealer(sessionKeyOf(config));
  const http = createHttpServer({
    name: NAME,
    host: config.bind,
    port: config.ports.console,
    logger,
    tracing: telemetry.tracing,
    bodyBytesMax: 128 * 1024,
    routes: (app) =>
      registerRoutes(app, clients, { ...config, sessions, pageFiles: createPageFiles() }),
  });
  await http.start();
  resources.defer(() => http.stop());

  health.setReady(true);
  resources.defer(() => health.setReady(false));
  const owned = resources.move();
  return { stop: () => owned.disposeAsync() };
}

/** Without a key that consoles share, one of this process: its sessions end with it. */
function sessionKeyOf({ sessionKey }: ConsoleConfig): Buffer {
  return sessionKey === undefined ? randomBytes(32) : Buffer.from(sessionKey, 'base64');
}
