import type { FastifyInstance } from 'fastify';
import { describeRoute, emptyBodySchema } from '../rest/describe-route.ts';
import { component } from '../rest/schema-parts.ts';
import { type Operation, toOpenApi } from './document.ts';

const documentSchema = component(
  'OpenApiDocument',
  { type: 'object', description: 'An OpenAPI 3.1 document.' },
  { openapi: '3.1.0', info: { title: 'Hookline', version: '0.1.0' }, paths: {} },
);

/**
 * `GET /v1/openapi.json`. It is made of the routes that are registered after this call, and a route of
 * `/v1` without a description is refused: what is served is documented.
 */
export function registerOpenApi(app: FastifyInstance): void {
  const operations: Operation[] = [];
  app.addHook('onRoute', (route) => {
    if (!route.url.startsWith('/v1/') || route.method === 'HEAD') return;
    const described = route.config?.described;
    if (described === undefined) throw new Error(`${route.url} has no description`);
    operations.push({ method: String(route.method), url: route.url, described });
    // Fields are refused where none is known as well; a GET has no body to check.
    if (route.method !== 'GET')
      route.schema = { ...route.schema, body: described.body ?? emptyBodySchema };
  });

  let text: string | undefined;
  const read = describeRoute({
    operationId: 'getOpenApi',
    tag: 'Documentation',
    summary: 'Read this document',
    description: 'The OpenAPI document of this version, without an API key.',
    open: true,
    answers: { 200: { description: 'The document.', schema: documentSchema } },
  });
  app.get('/v1/openapi.json', read, async (_request, reply) => {
    // Made at the first request: then every route is there.
    text ??= JSON.stringify(toOpenApi(operations));
    void reply.type('application/json; charset=utf-8').header('cache-control', 'no-cache');
    return text;
  });
}
