import { Server, ServerCredentials, type ServiceDefinition, setLogger } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { type Logger, noTracing, type Tracing } from '@hookline/telemetry';
import { HealthImplementation } from 'grpc-health-check';
import { createLifecycle, type Lifecycle } from '../lifecycle.ts';
import { listenError } from '../start-error.ts';
import { type Authenticate, authenticateCalls } from './grpc-auth.ts';
import type { GrpcInterceptor } from './grpc-call.ts';
import { type GrpcService, serviceNameOf, toGrpcHandlers } from './grpc-service.ts';
import { limitCalls } from './limit-calls.ts';
import { readingAll, refuseUnreadable } from './readable-requests.ts';

export interface GrpcServerOptions {
  /** The service's name, for error messages. */
  readonly name: string;
  readonly host: string;
  /** 0 takes any free port; see `port()`. */
  readonly port: number;
  readonly services: readonly GrpcService[];
  readonly authenticate: Authenticate;
  readonly logger: Logger;
  /** Where the spans of calls go; by default nowhere. */
  readonly tracing?: Tracing;
  /**
   * Calls a second of one key, unless its tenant has a quota of its own; Infinity for none, which is the
   * default.
   */
  readonly callsPerSecondMax?: number;
  /** Further layers between authentication and the handlers; the first is the outermost. */
  readonly interceptors?: readonly GrpcInterceptor[];
  /** The protos for reflection, as `loadReflectionPackage()` of @hookline/contracts gives them. */
  readonly reflection?: ConstructorParameters<typeof ReflectionService>[0];
  /** Plain text by default, for the loopback and for a mesh that encrypts. */
  readonly credentials?: ServerCredentials;
  /** For unary calls whose client sets none. Default 30,000 ms. */
  readonly defaultDeadlineMs?: number;
  /** Largest message in and out. Default 4 MiB. */
  readonly messageBytesMax?: number;
  /** How long calls under way may take to finish after `stop`. Default 10,000 ms. */
  readonly drainMs?: number;
}

export interface GrpcServer extends Lifecycle {
  /** The port it listens on, once started. */
  port(): number;
  /** Tells health checks whether the services answer; true from the start on until `stop`. */
  setServing(serving: boolean): void;
}

/** grpc-js writes to standard error by itself; what matters reaches the log as errors of ours. */
function quietGrpc(logger: Logger): void {
  const write = (...parts: unknown[]): void =>
    logger.debug({ parts: parts.map(String) }, 'grpc-js');
  setLogger({ error: write, info: write, debug: write });
}

function bind(server: Server, options: GrpcServerOptions): Promise<number> {
  const { host, port, name } = options;
  const target = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const credentials = options.credentials ?? ServerCredentials.createInsecure();
  return new Promise((resolve, reject) => {
    server.bindAsync(target, credentials, (error, bound) => {
      if (error === null) resolve(bound);
      else reject(listenError(error, { what: `gRPC of ${name}`, host, port }));
    });
  });
}

function drain(server: Server, drainMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.forceShutdown(), drainMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/**
 * A gRPC server for services of ts-proto: every method asks for an API key, health
 * (`grpc.health.v1`) and reflection do not.
 *
 * `stop` says NOT_SERVING, ends the streams with UNAVAILABLE, lets unary calls finish for `drainMs`
 * and cuts off what is left.
 */
export function createGrpcServer(options: GrpcServerOptions): GrpcServer {
  quietGrpc(options.logger);
  const messageBytesMax = options.messageBytesMax ?? 4 * 1024 * 1024;
  const server = new Server({
    'grpc.max_receive_message_length': messageBytesMax,
    'grpc.max_send_message_length': messageBytesMax,
    'grpc.max_concurrent_streams': 1_000,
    'grpc.keepalive_time_ms': 60_000,
    'grpc.keepalive_timeout_ms': 20_000,
  });
  const names = options.services.map((service) => serviceNameOf(service.definition));
  const health = new HealthImplementation();
  const stopping = new AbortController();
  let boundPort = options.port;

  const setServing = (serving: boolean): void => {
    for (const name of ['', ...names]) health.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING');
  };

  const setting = {
    interceptors: [
      authenticateCalls(options.authenticate),
      limitCalls({ callsPerSecondMax: options.callsPerSecondMax ?? Number.POSITIVE_INFINITY }),
      refuseUnreadable,
      ...(options.interceptors ?? []),
    ],
    logger: options.logger,
    tracing: options.tracing ?? noTracing,
    defaultDeadlineMs: options.defaultDeadlineMs ?? 30_000,
    stopping: stopping.signal,
  };
  for (const service of options.services) {
    // ts-proto's definitions have the shape that grpc-js asks for, with narrower message types.
    const definition = readingAll(service.definition) as unknown as ServiceDefinition;
    server.addService(definition, toGrpcHandlers(service, setting));
  }
  health.addToServer(server);
  if (options.reflection !== undefined)
    new ReflectionService(options.reflection).addToServer(server);

  const lifecycle = createLifecycle(async () => {
    boundPort = await bind(server, options);
    setServing(true);
    return async () => {
      setServing(false);
      stopping.abort(new Error('the server is stopping'));
      await drain(server, options.drainMs ?? 10_000);
    };
  });

  return { ...lifecycle, port: () => boundPort, setServing };
}
