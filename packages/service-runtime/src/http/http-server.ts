import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { DomainError } from '@hookline/contracts';
import { type Logger, noTracing, type Tracing } from '@hookline/telemetry';
import { type FastifyInstance, fastify } from 'fastify';
import { createLifecycle, type Lifecycle } from '../lifecycle.ts';
import { listenError } from '../start-error.ts';
import { sendClientError, sendError, sendNotFound } from './error-replies.ts';
import { describeJsonFault } from './json-fault.ts';
import { createRoutesByPath } from './routes-by-path.ts';
import { traceRequests } from './server-spans.ts';
import { createSchemaCompiler } from './validator.ts';

export interface HttpServerOptions {
  /** The service's name, for error messages. */
  readonly name: string;
  readonly host: string;
  /** 0 takes any free port; see `port()`. */
  readonly port: number;
  readonly logger: Logger;
  /** Where the spans of requests go; by default nowhere. */
  readonly tracing?: Tracing;
  /** Registers the routes; called once, before listening. */
  readonly routes: (app: FastifyInstance) => void | Promise<void>;
  /** Largest body, unless a route sets its own `bodyLimit`. Default 1 MiB. */
  readonly bodyBytesMax?: number;
  /**
   * `json` (default) parses bodies of `application/json` and `application/…+json`. `bytes` hands every
   * body over as a Buffer, for routes that keep it as it was sent.
   */
  readonly bodies?: 'json' | 'bytes';
  /** How long a request may take to arrive. Default 30,000 ms. */
  readonly requestTimeoutMs?: number;
  /** How long requests under way may take to finish after `stop`. Default 10,000 ms. */
  readonly drainMs?: number;
}

export interface HttpServer extends Lifecycle {
  readonly app: FastifyInstance;
  /** The port it listens on, once started. */
  port(): number;
}

const headerBytesMax = 16 * 1024;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @throws DomainError saying where the text stops being JSON. */
function parseJsonBody(body: Buffer): unknown {
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    throw new DomainError('invalid_argument', 'the body is not valid UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch {
    const fault = describeJsonFault(text);
    throw new DomainError('invalid_argument', `the body is not valid JSON: ${fault}`);
  }
}

function setBodyParsers(app: FastifyInstance, bodies: 'json' | 'bytes'): void {
  app.removeAllContentTypeParsers();
  if (bodies === 'bytes') {
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
    return;
  }
  // Read as bytes and decoded strictly: fastify's own parser turns broken UTF-8 into U+FFFD.
  const json = /^application\/(json|[a-z0-9.-]+\+json)\s*(;|$)/i;
  app.addContentTypeParser(json, { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      // Absent like one without a content type; the schema says whether it may be.
      done(null, body.length === 0 ? undefined : parseJsonBody(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

function createApp(options: HttpServerOptions): FastifyInstance {
  const { logger } = options;
  const routes = createRoutesByPath();
  const app = fastify({
    logger: false,
    bodyLimit: options.bodyBytesMax ?? 1024 * 1024,
    requestTimeout: options.requestTimeoutMs ?? 30_000,
    keepAliveTimeout: 65_000,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    requestIdHeader: false,
    genReqId: () => `req_${randomUUID().replaceAll('-', '')}`,
    http: { maxHeaderSize: headerBytesMax, headersTimeout: 10_000 },
    routerOptions: { maxParamLength: 512, ignoreTrailingSlash: true },
    clientErrorHandler: (error, socket) =>
      sendClientError(error, socket, `req_${randomUUID().replaceAll('-', '')}`),
    frameworkErrors: (error, request, reply) => sendError(error, request, reply, logger),
  });
  setBodyParsers(app, options.bodies ?? 'json');
  app.setValidatorCompiler(createSchemaCompiler());
  // Answers go out as they are: fastify's own serialiser drops what a schema does not name, in silence.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  traceRequests(app, options.tracing ?? noTracing);
  app.addHook('onRoute', (route) => routes.add(route.url, route.method));
  app.addHook('onSend', async (request, reply) => {
    void reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
  });
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply, logger));
  app.setNotFoundHandler((request, reply) => {
    sendNotFound(request, reply, routes.allowed(request.url.split('?', 1)[0] ?? ''));
  });
  return app;
}

/**
 * An HTTP server whose errors are all `application/problem+json`, those of the parser included.
 * Unknown fields are refused where a schema says `additionalProperties: false`; bodies are never
 * coerced. Headers are bounded to 16 KiB, every request to a time and a size.
 *
 * `stop` takes no new connection, lets requests under way finish for `drainMs` and cuts off what is
 * left.
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const app = createApp(options);
  const { host, port, name } = options;

  const lifecycle = createLifecycle(async () => {
    await options.routes(app);
    try {
      await app.listen({ host, port });
    } catch (error) {
      await app.close();
      throw listenError(error, { what: `HTTP of ${name}`, host, port });
    }
    return async () => {
      const timer = setTimeout(() => app.server.closeAllConnections(), options.drainMs ?? 10_000);
      await app.close();
      clearTimeout(timer);
    };
  });

  return {
    ...lifecycle,
    app,
    port: () => (app.server.address() as AddressInfo | null)?.port ?? port,
  };
}
