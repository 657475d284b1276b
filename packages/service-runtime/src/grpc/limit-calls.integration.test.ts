import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { SubscriptionServiceService } from '@hookline/contracts';
import type { Caller } from '@hookline/credentials';
import { createLogger } from '@hookline/telemetry';
import { fromGrpcError } from './grpc-errors.ts';
import { createGrpcServer } from './grpc-server.ts';
import { grpcService } from './grpc-service.ts';
import { RATE_LIMIT_TRAILER } from './limit-calls.ts';

const keyOf = (letter: string) => `hk_${letter.repeat(43)}`;
const callers = new Map<string, Caller>([
  [keyOf('a'), { tenant: 'default', keyId: 'key_a', role: 'admin' }],
  [keyOf('b'), { tenant: 'acme', keyId: 'key_b', role: 'admin', callsPerSecondMax: 0.001 }],
  [keyOf('c'), { tenant: 'acme', keyId: 'key_c', role: 'admin', callsPerSecondMax: 100_000 }],
]);

const server = createGrpcServer({
  name: 'test',
  host: '127.0.0.1',
  port: 0,
  logger: createLogger({ service: 'test', level: 'silent' }),
  services: [grpcService(SubscriptionServiceService, { deleteSubscription: async () => ({}) })],
  authenticate: async (key) => callers.get(key),
  // So slow that nothing comes back while the test runs, however slowly that is.
  callsPerSecondMax: 0.01,
});
let client: Client;

before(async () => {
  await server.start();
  client = new Client(`127.0.0.1:${server.port()}`, credentials.createInsecure());
});
after(async () => {
  client?.close();
  await server.stop();
});

interface Answer {
  readonly error: ServiceError | null;
  readonly limit: string;
}

function call(key: string): Promise<Answer> {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${key}`);
  const { path, requestSerialize, responseDeserialize } =
    SubscriptionServiceService.deleteSubscription;
  return new Promise((resolve) => {
    let error: ServiceError | null = null;
    const request = { id: 'sub_1', etag: '' };
    client
      .makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadata,
        (failed) => {
          error = failed;
        },
      )
      .on('status', ({ metadata: trailers }) => {
        resolve({ error, limit: String(trailers.get(RATE_LIMIT_TRAILER)[0]) });
      });
  });
}

test('a key has its calls, is told what is left, and then when to try again', async () => {
  const answers: Answer[] = [];
  for (let index = 0; index < 3; index += 1) answers.push(await call(keyOf('a')));
  assert.deepEqual(
    answers.map(({ error }) => error?.code),
    [undefined, undefined, status.RESOURCE_EXHAUSTED],
  );
  assert.equal(answers[0]?.limit, '2;200;1;100');
  assert.match(answers[2]?.limit ?? '', /^2;200;0;(199|200)$/);
  const refusal = fromGrpcError(answers[2]?.error);
  assert.equal(refusal?.code, 'resource_exhausted');
  assert.ok(refusal?.retryAfterMs !== undefined && refusal.retryAfterMs <= 100_000);
  assert.match(refusal.message, /0.01 requests a second/);
});

test('P4: the quota of a tenant goes before the default, and the limit of one key is no other’s', async () => {
  const slow = [await call(keyOf('b')), await call(keyOf('b')), await call(keyOf('b'))];
  assert.deepEqual(
    slow.map(({ error }) => error?.code),
    [undefined, undefined, status.RESOURCE_EXHAUSTED],
  );
  const quick = await Promise.all(Array.from({ length: 20 }, () => call(keyOf('c'))));
  assert.ok(quick.every(({ error }) => error === null));
});
