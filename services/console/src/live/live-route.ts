import { Readable } from 'node:stream';
import { AdminServiceService, DomainError } from '@hookline/contracts';
import type { FastifyInstance } from 'fastify';
import type { GrpcClients } from '../grpc-clients.ts';
import { type LiveMessage, liveFeed } from './live-feed.ts';

/** Browsers that watch, and those of one tenant. */
const STREAMS_MAX = 80;
const STREAMS_OF_TENANT_MAX = 20;

const querystring = {
  type: 'object',
  additionalProperties: false,
  properties: { overview: { type: 'boolean' } },
} as const;

/** `GET /console/live`: server-sent events of one's tenant, until the browser goes away. */
export function registerLive(app: FastifyInstance, clients: GrpcClients): void {
  const stopping = new AbortController();
  const openOf = new Map<string, number>();
  let open = 0;
  app.addHook('preClose', async () => stopping.abort());

  function take(tenant: string): void {
    const ofTenant = openOf.get(tenant) ?? 0;
    if (open >= STREAMS_MAX || ofTenant >= STREAMS_OF_TENANT_MAX) {
      const detail = 'too many pages watch already; close one';
      throw new DomainError('resource_exhausted', detail, { retryAfterMs: 5_000 });
    }
    open += 1;
    openOf.set(tenant, ofTenant + 1);
  }

  function giveBack(tenant: string): void {
    open -= 1;
    const left = (openOf.get(tenant) ?? 1) - 1;
    if (left === 0) openOf.delete(tenant);
    else openOf.set(tenant, left);
  }

  app.get<{ Querystring: { overview?: boolean } }>(
    '/console/live',
    { config: { keyed: true }, schema: { querystring } },
    async (request, reply) => {
      // Before anything is sent: what is streamed cannot be refused any more.
      const method = AdminServiceService.getCaller;
      const { tenant } = await clients.subscriptions.call(request, method, {});
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const signal = AbortSignal.any([gone.signal, stopping.signal]);
      const withOverview = request.query.overview ?? false;
      take(tenant);
      const feed = liveFeed(clients, request, { signal, withOverview });
      void reply
        .type('text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store')
        // Proxies that would wait for the end of the answer are told not to.
        .header('x-accel-buffering', 'no');
      return Readable.from(
        written(feed, () => giveBack(tenant)),
        { objectMode: false },
      );
    },
  );
}

async function* written(feed: AsyncGenerator<LiveMessage>, onEnd: () => void) {
  try {
    yield 'retry: 3000\n\n';
    // JSON text has no line break, so that each message is one line of data.
    for await (const { event, data } of feed) yield `event: ${event}\ndata: ${data}\n\n`;
  } finally {
    onEnd();
  }
}
