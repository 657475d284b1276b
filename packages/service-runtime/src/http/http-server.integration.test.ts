import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { DomainError } from '@hookline/contracts';
import { createLogger } from '@hookline/telemetry';
import { createHttpServer, type HttpServer, type HttpServerOptions } from './http-server.ts';

const logger = createLogger({ service: 'test', level: 'silent' });

const bodySchema = {
  type: 'object',
  additionalProperties: false,
  required: ['url', 'events'],
  properties: {
    url: { type: 'string' },
    events: { type: 'array', items: { type: 'string' } },
    format: { enum: ['standard', 'cdhosting'] },
    retry: {
      type: 'object',
      additionalProperties: false,
      properties: { attempts: { type: 'integer', minimum: 1 } },
    },
  },
};

async function start(options: Partial<HttpServerOptions> = {}): Promise<HttpServer> {
  const server = createHttpServer({
    name: 'console',
    host: '127.0.0.1',
    port: 0,
    logger,
    bodyBytesMax: 1_000,
    routes(app) {
      app.post('/v1/webhooks', { schema: { body: bodySchema } }, async (request) => request.body);
      const querystring = {
        type: 'object',
        properties: { page_size: { type: 'integer', maximum: 1000 } },
      };
      app.get('/v1/webhooks', { schema: { querystring } }, async (request) => request.query);
      app.delete('/v1/webhooks/:id', async () => {
        throw new DomainError('not_found', 'there is no webhook sub_1');
      });
      app.get('/v1/fails', async () => {
        throw new Error('postgres://user:hidden@db');
      });
      app.get('/v1/busy', async () => {
        throw new DomainError('unavailable', 'Postgres is away', { retryAfterMs: 1_500 });
      });
    },
    ...options,
  });
  await server.start();
  return server;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly code?: string;
    readonly detail?: string;
    readonly errors?: readonly { field: string; detail: string }[];
    readonly [member: string]: unknown;
  };
}

async function ask(server: HttpServer, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${server.port()}${path}`, init);
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Answer['body'],
  };
}

function post(
  server: HttpServer,
  body: string | Uint8Array<ArrayBuffer>,
  type = 'application/json',
) {
  return ask(server, '/v1/webhooks', { method: 'POST', body, headers: { 'content-type': type } });
}

test('every fault of a body is named with its field and with what would be right', async (t) => {
  const server = await start();
  t.after(() => server.stop());
  const { status, headers, body } = await post(
    server,
    JSON.stringify({ url: 5, format: 'xml', retry: { attempts: '3' }, evnts: [] }),
  );
  assert.equal(status, 400);
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/);
  const { request_id, detail, errors, ...rest } = body;
  assert.deepEqual(rest, {
    type: 'about:blank',
    title: 'Bad Request',
    status: 400,
    code: 'invalid_argument',
  });
  assert.match(String(request_id), /^req_[0-9a-f]{32}$/);
  assert.equal(headers.get('x-request-id'), request_id);
  assert.match(String(detail), /evnts/);
  assert.deepEqual(
    [...(errors ?? [])].sort((one, other) => one.field.localeCompare(other.field)),
    [
      { field: 'events', detail: 'is missing; it is required' },
      { field: 'evnts', detail: 'is not a known field; known are url, events, format, retry' },
      { field: 'format', detail: 'must be one of "standard", "cdhosting"' },
      { field: 'retry.attempts', detail: 'must be integer' },
      { field: 'url', detail: 'must be string' },
    ],
  );
});

test('a right body is taken as it is, and a query is read by its schema', async (t) => {
  const server = await start();
  t.after(() => server.stop());
  const sent = { url: 'https://example.com', events: ['*'] };
  assert.deepEqual((await post(server, JSON.stringify(sent))).body, sent);
  assert.deepEqual((await ask(server, '/v1/webhooks?page_size=50')).body, { page_size: 50 });
  const wrong = await ask(server, '/v1/webhooks?page_size=many');
  assert.deepEqual(wrong.body.errors, [{ field: 'page_size', detail: 'must be integer' }]);
  for (const text of ['1e400', '-1e400', '1001']) {
    assert.equal((await ask(server, `/v1/webhooks?page_size=${text}`)).status, 400, text);
  }
});

test('what is no JSON, too large, of another type or empty is told apart', async (t) => {
  const server = await start();
  t.after(() => server.stop());
  const outcomes = await Promise.all([
    post(server, '{"url":'),
    post(server, ''),
    post(server, new Uint8Array([0x22, 0xff, 0x22])),
    post(server, `"${'x'.repeat(1_000)}"`),
    post(server, 'url=x', 'application/x-www-form-urlencoded'),
  ]);
  assert.deepEqual(
    outcomes.map(({ status, body }) => [status, body.code]),
    [
      [400, 'invalid_argument'],
      [400, 'invalid_argument'],
      [400, 'invalid_argument'],
      [413, 'payload_too_large'],
      [415, 'unsupported_media_type'],
    ],
  );
  assert.match(outcomes[0]?.body.detail ?? '', /not valid JSON: it ends where a value should come/);
  assert.match(outcomes[2]?.body.detail ?? '', /UTF-8/);
  assert.match(outcomes[3]?.body.detail ?? '', /1000 bytes/);
});

test('refusals, faults of ours, unknown paths and other methods', async (t) => {
  const server = await start();
  t.after(() => server.stop());
  const refused = await ask(server, '/v1/webhooks/sub_1', { method: 'DELETE' });
  assert.deepEqual([refused.status, refused.body.code], [404, 'not_found']);
  const failed = await ask(server, '/v1/fails');
  assert.deepEqual([failed.status, failed.body.code], [500, 'internal']);
  assert.doesNotMatch(JSON.stringify(failed.body), /hidden/);
  const busy = await ask(server, '/v1/busy');
  assert.deepEqual([busy.status, busy.headers.get('retry-after')], [503, '2']);
  assert.equal((await ask(server, '/v1/nothing')).status, 404);
  const method = await ask(server, '/v1/webhooks', { method: 'PUT' });
  assert.deepEqual([method.status, method.body.code], [405, 'method_not_allowed']);
  assert.equal(method.headers.get('allow'), 'GET, HEAD, POST');
  assert.equal((await ask(server, '/v1/%zz')).status, 400);
});

test('an API key in a path is in no answer and no line of the log', async (t) => {
  const lines: string[] = [];
  const sink = { write: (line: string) => void lines.push(line) };
  const key = `hk_${'k'.repeat(43)}`;
  const server = await start({
    logger: createLogger({ service: 'test', level: 'trace', destination: sink }),
    routes(app) {
      app.post('/ingest/:key', async () => {
        throw new Error('a fault');
      });
      app.post('/away/:key', async () => {
        throw new DomainError('unavailable', 'Postgres is away');
      });
    },
  });
  t.after(() => server.stop());
  for (const path of ['ingest', 'away', 'mistyped', 'x/%zz']) {
    for (const shown of [key, key.replace('_', '%5F')]) {
      const { body } = await ask(server, `/${path}/${shown}`, { method: 'POST' });
      assert.ok(!JSON.stringify(body).includes('kkk'), JSON.stringify(body));
    }
  }
  assert.match(
    (await ask(server, `/ingest/${key}`)).body.detail ?? '',
    /^\/ingest\/hk_… takes POST/,
  );
  assert.equal(lines.length, 4, 'faults of ours are in the log');
  assert.ok(!lines.join().includes('kkk'));
});

test('what the parser refuses is a problem as well', async (t) => {
  const server = await start();
  t.after(() => server.stop());
  const raw = async (request: string): Promise<string> => {
    const socket = connect(server.port(), '127.0.0.1');
    socket.write(request);
    return text(socket);
  };
  assert.match(await raw('nonsense\r\n\r\n'), /^HTTP\/1.1 400 [\s\S]*"code":"invalid_argument"/);
  const large = `GET / HTTP/1.1\r\nhost: x\r\nx-large: ${'x'.repeat(20_000)}\r\n\r\n`;
  assert.match(await raw(large), /^HTTP\/1.1 431 [\s\S]*"code":"headers_too_large"/);
});

test('with bodies as bytes a route gets what was sent, whatever its type', async (t) => {
  const server = await start({
    bodies: 'bytes',
    routes(app) {
      app.post('/ingest', async (request) => ({ hex: (request.body as Buffer).toString('hex') }));
    },
  });
  t.after(() => server.stop());
  for (const type of ['application/json', 'application/cloudevents+json', 'text/plain']) {
    const { body } = await ask(server, '/ingest', {
      method: 'POST',
      body: '{"a" : 1e2}',
      headers: { 'content-type': type },
    });
    assert.equal(Buffer.from(String(body.hex), 'hex').toString(), '{"a" : 1e2}');
  }
});

test('a request under way is answered before the server is stopped, then the port is free', async () => {
  const entered = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const server = await start({
    routes(app) {
      app.get('/slow', async () => {
        entered.resolve();
        await release.promise;
        return { done: true };
      });
    },
  });
  const port = server.port();
  const answer = ask(server, '/slow');
  await entered.promise;
  const stopping = server.stop();
  release.resolve();
  assert.deepEqual((await answer).body, { done: true });
  await stopping;
  const again = await start({ port });
  await again.stop();
});

test('a taken port is told with the variable that mends it', async (t) => {
  const server = await start();
  t.after(() => server.stop());
  await assert.rejects(start({ port: server.port() }), {
    message: /port \d+ on 127.0.0.1 \(HTTP of console\) is taken/,
    mend: /HOOKLINE_PORT_OFFSET/,
  });
});
