import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, request as sendRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { readRawBody } from './read-raw-body.ts';
import { WebhookError } from './webhook-error.ts';

const BYTES_MAX = 1000;
let server: Server;
let url: string;
let outcomes: (string | number)[] = [];
let settled = Promise.withResolvers<void>();

before(async () => {
  server = createServer(async (request, response) => {
    try {
      const body = await readRawBody(request, { bytesMax: BYTES_MAX });
      outcomes.push(body.length);
      response.end('read');
    } catch (error) {
      if (!(error instanceof WebhookError)) throw error;
      outcomes.push(error.code);
      response.statusCode = error.status;
      response.end(error.code);
    }
    settled.resolve();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

after(() => {
  server.close();
  server.closeAllConnections();
});

test('a body up to the limit is read, a byte more is answered 413, told or not told beforehand', async () => {
  outcomes = [];
  const post = async (body: RequestInit['body']) => {
    const response = await fetch(url, { method: 'POST', body, duplex: 'half' } as RequestInit);
    return `${response.status} ${await response.text()}`;
  };
  assert.equal(await post(Buffer.alloc(BYTES_MAX)), '200 read');
  assert.equal(await post(Buffer.alloc(BYTES_MAX + 1)), '413 body_too_large');
  // Without content-length, in chunks.
  const chunked = (bytes: number) => new Blob([Buffer.alloc(bytes)]).stream();
  assert.equal(await post(chunked(BYTES_MAX)), '200 read');
  assert.equal(await post(chunked(BYTES_MAX * 200)), '413 body_too_large');
  assert.deepEqual(outcomes, [1000, 'body_too_large', 1000, 'body_too_large']);
});

test('a connection that ends before the body does is an error, never a shorter body', async () => {
  outcomes = [];
  settled = Promise.withResolvers();
  const request = sendRequest(url, { method: 'POST', headers: { 'content-length': 100 } });
  request.on('error', () => undefined);
  request.write('half');
  await once(server, 'request');
  request.destroy();
  await settled.promise;
  assert.deepEqual(outcomes, ['body_incomplete']);
});

test('a body that another handler has read is an error, not an empty body or a wait for ever', async () => {
  const reader = createServer(async (request, response) => {
    for await (const _ of request);
    await readRawBody(request).catch((error: WebhookError) => response.end(error.code));
  });
  reader.listen(0, '127.0.0.1');
  await once(reader, 'listening');
  const { port } = reader.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'x' });
  assert.equal(await response.text(), 'body_not_raw');
  reader.close();
  reader.closeAllConnections();
});
