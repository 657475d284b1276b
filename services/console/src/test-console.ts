import { createGrpcServer, createHttpServer } from '@hookline/service-runtime';
import { createLogger } from '@hookline/telemetry';
import { createGrpcClients } from './grpc-clients.ts';
import { createAnswerCheck } from './openapi/test-answers.ts';
import { createPageFiles } from './page/page-files.ts';
import { registerRoutes } from './routes.ts';
import { createSessionSealer } from './session/sealed-session.ts';
import { type Behind, servicesOf } from './test-services.ts';

export const TEST_KEY = `hk_${'a'.repeat(43)}`;

interface TestLimits {
  /** Of one key at the services; none unless given. */
  readonly callsPerSecondMax?: number;
  /** A tenth of it is for those without a key. */
  readonly requestsPerSecond?: number;
  /** Where the built page is; nowhere unless given. */
  readonly pageFolder?: string;
}

/**
 * A console over services that stand in for the real ones: they keep what they were asked and answer
 * one webhook and one delivery.
 */
export async function startTestConsole(limits: TestLimits = {}) {
  const logger = createLogger({ service: 'test', level: 'silent' });
  const behind: Behind = { asked: [], refuse: undefined, conflicts: 0 };
  const grpc = createGrpcServer({
    name: 'test',
    host: '127.0.0.1',
    port: 0,
    services: servicesOf(behind),
    authenticate: async (key) =>
      key === TEST_KEY ? { tenant: 'default', keyId: 'key_1', role: 'admin' } : undefined,
    ...(limits.callsPerSecondMax !== undefined && { callsPerSecondMax: limits.callsPerSecondMax }),
    logger,
  });
  await grpc.start();
  const address = `127.0.0.1:${grpc.port()}`;
  const clients = createGrpcClients({
    subscriptions: address,
    deliveries: address,
    deadLetters: address,
  });
  const routes: string[] = [];
  const http = createHttpServer({
    name: 'console',
    host: '127.0.0.1',
    port: 0,
    logger,
    bodyBytesMax: 128 * 1024,
    routes(app) {
      app.addHook('onRoute', ({ method, url }) => {
        if (method !== 'HEAD' && url.startsWith('/v1/'))
          routes.push(`${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`);
      });
      registerRoutes(app, clients, {
        requestsPerSecond: limits.requestsPerSecond ?? 10_000,
        sessions: createSessionSealer(Buffer.alloc(32, 1)),
        pageFiles: createPageFiles(limits.pageFolder ?? '/nowhere'),
      });
    },
  });
  await http.start();
  const url = `http://127.0.0.1:${http.port()}`;
  const answers = await createAnswerCheck(url);
  return {
    url,
    behind,
    /** Every route of `/v1`, as `GET /v1/webhooks/{id}`. */
    routes: () => routes,
    stopServices: () => grpc.stop(),
    /** Sends a request with the test's key; the answer must be one that the OpenAPI document describes. */
    async request(path: string, init: RequestInit = {}) {
      const response = await fetch(`${url}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${TEST_KEY}`, ...init.headers },
      });
      await answers.check(init.method ?? 'GET', path, response);
      return response;
    },
    async [Symbol.asyncDispose]() {
      await http.stop();
      clients.close();
      await grpc.stop();
    },
  };
}
