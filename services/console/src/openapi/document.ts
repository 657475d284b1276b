import { readFileSync } from 'node:fs';
import type { AnswerDescription, JsonSchema, RouteDescription } from '../rest/describe-route.ts';
import { type Components, createComponents } from './components.ts';
import { refusalComponents, refusalsOf } from './refusals.ts';

/** A route as it was registered. */
export interface Operation {
  readonly method: string;
  /** `/v1/webhooks/:id` */
  readonly url: string;
  readonly described: RouteDescription;
}

const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string };

/** Headers of every answer, or of every answer under a key. */
const commonHeaders: Readonly<Record<string, string>> = {
  'x-request-id': 'The request’s id, which is in the logs and in the body of a refusal.',
  ratelimit: 'What is left of the key’s limit: `r` requests, all of them again in `t` seconds.',
  'ratelimit-policy': 'The key’s limit: `q` requests in `w` seconds.',
};

const DESCRIPTION =
  'What gRPC calls a subscription is a webhook here. Bodies are JSON in snake_case; unknown fields and parameters are refused by name. Lists are answered in pages, the newest first. Errors are `application/problem+json` (RFC 9457).';

/** The OpenAPI 3.1 document of the routes. */
export function toOpenApi(operations: readonly Operation[]): object {
  const components = createComponents();
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    const path = operation.url.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = {
      ...paths[path],
      [operation.method.toLowerCase()]: toOperation(operation, components),
    };
  }
  const responses = refusalComponents(components);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Hookline',
      version,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The console.' }],
    security: [{ apiKey: [] }],
    tags: [...new Set(operations.map(({ described }) => described.tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, `hk_…`.' },
      },
      headers: headersOf(commonHeaders),
      responses,
      schemas: components.schemas(),
    },
  };
}

function toOperation({ method, url, described }: Operation, components: Components): object {
  const { operationId, tag, summary, description, body, open = false } = described;
  const parameters = parametersOf(url, described, components);
  const hasBody = method !== 'GET' && body !== undefined;
  const answers = Object.entries(described.answers).map(([status, answer]) => [
    status,
    toResponse(answer, open, components),
  ]);
  return {
    operationId,
    tags: [tag],
    summary,
    description,
    ...(open && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(hasBody && { requestBody: toRequestBody(described, body, components) }),
    responses: { ...Object.fromEntries(answers), ...refusalsOf(described, hasBody) },
  };
}

function parametersOf(url: string, described: RouteDescription, components: Components): object[] {
  const inPath = [...url.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    description: 'The id, as it stands in the list.',
    schema: { type: 'string', maxLength: 512 },
  }));
  const rest = (place: string, schemas: Readonly<Record<string, JsonSchema>> = {}) =>
    Object.entries(schemas).map(([name, { description, ...schema }]) => ({
      name,
      in: place,
      required: false,
      description,
      schema: components.refer(schema),
    }));
  return [...inPath, ...rest('query', described.query), ...rest('header', described.headers)];
}

function toRequestBody(
  { bodyOptional = false, mergePatch = false }: RouteDescription,
  body: JsonSchema,
  components: Components,
): object {
  const media = { schema: components.refer(body), example: exampleOf(body) };
  return {
    required: !bodyOptional,
    content: {
      ...(mergePatch && { 'application/merge-patch+json': media }),
      'application/json': media,
    },
  };
}

function toResponse(answer: AnswerDescription, open: boolean, components: Components): object {
  const { description, schema, headers = {} } = answer;
  const common = Object.keys(commonHeaders).filter((name) => !open || name === 'x-request-id');
  return {
    description,
    headers: {
      ...headersOf(headers),
      ...Object.fromEntries(common.map((name) => [name, { $ref: `#/components/headers/${name}` }])),
    },
    ...(schema !== undefined && {
      content: {
        'application/json': { schema: components.refer(schema), example: exampleOf(schema) },
      },
    }),
  };
}

function headersOf(headers: Readonly<Record<string, string>>): object {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [
      name,
      { description, schema: { type: 'string' } },
    ]),
  );
}

function exampleOf({ examples }: JsonSchema): unknown {
  return Array.isArray(examples) ? examples[0] : undefined;
}
