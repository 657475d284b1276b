import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type BuildInfo, buildInfo } from './build-info.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import type { Metrics } from './metrics.ts';
import { reasonOf } from './retry-until.ts';
import { listenError } from './start-error.ts';

/** Resolves when the part is ready; throws, with the reason, when it is not. */
export type ReadinessCheck = () => Promise<void> | void;

export interface HealthServerOptions {
  /** The service's name, for error messages. */
  readonly service: string;
  readonly host: string;
  /** 0 takes any free port; see `port()`. */
  readonly port: number;
  readonly metrics: Metrics;
  /** Shown by `/healthz`; by default the version alone. */
  readonly build?: BuildInfo;
  readonly checks?: Readonly<Record<string, ReadinessCheck>>;
}

export interface HealthServer extends Lifecycle {
  /** The port it listens on, once started. */
  port(): number;
  /** Registers what must be ready; before the service says that it is started, `/readyz` is 503. */
  addCheck(name: string, check: ReadinessCheck): void;
  /** The checks that fail now, with their reasons, whether or not the service has started. */
  failing(): Promise<ReadonlyMap<string, string>>;
  /** Says that the start is complete, or that the stop has begun. */
  setReady(ready: boolean): void;
}

const checkTimeoutMs = 2_000;

async function runCheck(check: ReadinessCheck): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer in ${checkTimeoutMs} ms`)),
      checkTimeoutMs,
    );
  });
  try {
    await Promise.race([Promise.resolve(check()), timeout]);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  } finally {
    clearTimeout(timer);
  }
}

function listen(server: Server, options: HealthServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const { host, port, service } = options;
    const fail = (error: Error): void =>
      reject(listenError(error, { what: `health and metrics of ${service}`, host, port }));
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve();
    });
  });
}

/**
 * `/healthz` answers 200 while the process runs, with what runs here, `/readyz` 200 when every check passes and otherwise
 * 503 with `{"status":"not_ready","not_ready":{"<check>":"<reason>"}}`, `/metrics` the Prometheus
 * text. No key is asked for, and nothing of a tenant is shown.
 */
export function createHealthServer(options: HealthServerOptions): HealthServer {
  const checks = new Map<string, ReadinessCheck>(Object.entries(options.checks ?? {}));
  const alive = { status: 'alive', service: options.service, ...(options.build ?? buildInfo({})) };
  let ready = false;

  const failing = async (): Promise<Map<string, string>> => {
    const results = await Promise.all(
      [...checks].map(async ([name, check]) => [name, await runCheck(check)] as const),
    );
    return new Map(results.filter((result): result is [string, string] => result[1] !== undefined));
  };

  const readiness = async (): Promise<{ status: number; body: unknown }> => {
    if (!ready) {
      const notReady = { service: 'it is starting or stopping' };
      return { status: 503, body: { status: 'not_ready', not_ready: notReady } };
    }
    const failed = await failing();
    if (failed.size === 0) return { status: 200, body: { status: 'ready' } };
    return { status: 503, body: { status: 'not_ready', not_ready: Object.fromEntries(failed) } };
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').split('?', 1)[0];
    const json = (status: number, body: unknown): void => {
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(`${JSON.stringify(body)}\n`);
    };
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return json(405, { status: 'use GET' });
    if (path === '/healthz') return json(200, alive);
    if (path === '/readyz') {
      const { status, body } = await readiness();
      return json(status, body);
    }
    if (path === '/metrics') {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
      response.end(options.metrics.text());
      return;
    }
    json(404, { status: 'there are /healthz, /readyz and /metrics' });
  };

  const server = createServer({
    requestTimeout: 5_000,
    headersTimeout: 5_000,
    maxHeaderSize: 8_192,
  });
  server.on('request', (request, response) => {
    answer(request, response).catch(() => response.destroy());
  });

  const lifecycle = createLifecycle(async () => {
    await listen(server, options);
    return () =>
      new Promise<void>((resolve) => {
        ready = false;
        server.close(() => resolve());
        server.closeAllConnections();
      });
  });

  return {
    ...lifecycle,
    port: () => (server.address() as AddressInfo | null)?.port ?? options.port,
    failing,
    addCheck: (name, check) => void checks.set(name, check),
    setReady: (value) => {
      ready = value;
    },
  };
}
