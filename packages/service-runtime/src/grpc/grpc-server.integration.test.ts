import assert from 'node:assert/strict';
import { test } from 'node:test';
import { credentials, Metadata, makeClientConstructor, status } from '@grpc/grpc-js';
import {
  DeliveryServiceService,
  DomainError,
  loadReflectionPackage,
  SubscriptionServiceService,
  TailAttemptsRequest,
  TailAttemptsResponse,
} from '@hookline/contracts';
import { createLogger } from '@hookline/telemetry';
import { service as healthService } from 'grpc-health-check';
import { createGrpcClient } from './grpc-client.ts';
import { fromGrpcError } from './grpc-errors.ts';
import { createGrpcServer, type GrpcServerOptions } from './grpc-server.ts';
import { grpcService } from './grpc-service.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
const apiKey = `hk_${'a'.repeat(43)}`;
const caller = { tenant: 'default', keyId: 'key_1', role: 'editor' } as const;

type Handlers = Parameters<typeof grpcService<typeof SubscriptionServiceService>>[1];
type DeliveryHandlers = Parameters<typeof grpcService<typeof DeliveryServiceService>>[1];

async function start(
  handlers: Handlers,
  streams: DeliveryHandlers = {},
  options: Partial<GrpcServerOptions> = {},
) {
  const server = createGrpcServer({
    name: 'subscription-service',
    host: '127.0.0.1',
    port: 0,
    logger,
    services: [
      grpcService(SubscriptionServiceService, handlers),
      grpcService(DeliveryServiceService, streams),
    ],
    authenticate: async (key) => (key === apiKey ? caller : undefined),
    reflection: loadReflectionPackage(),
    ...options,
  });
  await server.start();
  const address = `127.0.0.1:${server.port()}`;
  const subscriptions = createGrpcClient(SubscriptionServiceService, { address });
  const deliveries = createGrpcClient(DeliveryServiceService, { address });
  const close = async (): Promise<void> => {
    subscriptions.close();
    deliveries.close();
    await server.stop();
  };
  return { server, address, subscriptions, deliveries, close };
}

const codeOf = (promise: Promise<unknown>): Promise<string | number | undefined> =>
  promise.then(
    () => 'ok',
    (error) => error.code,
  );

test('P5: a handler is reached with a valid key only, and knows who is calling', async () => {
  const callers: unknown[] = [];
  const { subscriptions, close } = await start({
    async deleteSubscription(_request, call) {
      callers.push(call.caller);
      return {};
    },
  });
  const request = { id: 'sub_1', etag: '' };
  assert.equal(await codeOf(subscriptions.deleteSubscription(request)), status.UNAUTHENTICATED);
  const wrong = { apiKey: `hk_${'b'.repeat(43)}` };
  assert.equal(
    await codeOf(subscriptions.deleteSubscription(request, wrong)),
    status.UNAUTHENTICATED,
  );
  assert.equal(await codeOf(subscriptions.deleteSubscription(request, { apiKey })), 'ok');
  assert.deepEqual(callers, [caller]);
  await close();
});

test('a refusal arrives as it was thrown, a fault of ours without a word of it', async () => {
  const thrown = [
    new DomainError('invalid_argument', 'url must be https', {
      fields: [{ field: 'subscription.url', detail: 'must begin with https://' }],
    }),
    new DomainError('payload_too_large', 'too large'),
    new DomainError('resource_exhausted', 'slow down', { retryAfterMs: 1_500 }),
    new Error('secret details'),
    Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
  ];
  const { subscriptions, close } = await start({
    async getSubscription() {
      throw thrown.shift();
    },
  });
  const fail = async () => {
    const error = await subscriptions
      .getSubscription({ id: 'sub_1' }, { apiKey })
      .catch((reason) => reason);
    return { error, refusal: fromGrpcError(error) };
  };
  const invalid = await fail();
  assert.equal(invalid.error.code, status.INVALID_ARGUMENT);
  assert.equal(invalid.refusal?.message, 'url must be https');
  assert.deepEqual(invalid.refusal?.fields, [
    { field: 'subscription.url', detail: 'must begin with https://' },
  ]);
  assert.equal((await fail()).refusal?.code, 'payload_too_large');
  assert.equal((await fail()).refusal?.retryAfterMs, 1_500);
  const internal = await fail();
  assert.equal(internal.error.code, status.INTERNAL);
  assert.doesNotMatch(internal.error.message, /secret/);
  assert.equal(internal.refusal, undefined);
  assert.equal((await fail()).refusal?.code, 'unavailable');
  await close();
});

test('a method without a handler says that it is not implemented', async () => {
  const { subscriptions, close } = await start({});
  const error = await subscriptions
    .getSubscription({ id: 'sub_1' }, { apiKey })
    .catch((reason) => reason);
  assert.equal(error.code, status.UNIMPLEMENTED);
  assert.match(
    error.message,
    /hookline.v1.SubscriptionService\/GetSubscription is not implemented/,
  );
  await close();
});

test('a deadline, of the client or the default, ends the call and aborts its signal', async () => {
  const aborted: string[] = [];
  const wait = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        aborted.push('aborted');
        reject(signal.reason);
      });
    });
  const { subscriptions, close } = await start(
    { getSubscription: (_request, call) => wait(call.signal) },
    {},
    { defaultDeadlineMs: 50 },
  );
  const { DEADLINE_EXCEEDED } = status;
  const none = { apiKey, deadlineMs: Number.POSITIVE_INFINITY };
  assert.equal(await codeOf(subscriptions.getSubscription({ id: '' }, none)), DEADLINE_EXCEEDED);
  const short = { apiKey, deadlineMs: 300 };
  assert.equal(await codeOf(subscriptions.getSubscription({ id: '' }, short)), DEADLINE_EXCEEDED);
  await close();
  assert.deepEqual(aborted, ['aborted', 'aborted']);
});

test('an API key that cannot be checked is no wrong key', async () => {
  const authenticate = () => Promise.reject(new Error('no connection'));
  const { subscriptions, close } = await start({}, {}, { authenticate });
  assert.equal(
    await codeOf(subscriptions.getSubscription({ id: '' }, { apiKey })),
    status.UNAVAILABLE,
  );
  await close();
});

test('a stream is an async iterable, and its handler ends with its client', async () => {
  const ended = Promise.withResolvers<void>();
  const { deliveries, close } = await start(
    {},
    {
      async *tailAttempts(_request, call) {
        try {
          while (!call.signal.aborted) {
            yield TailAttemptsResponse.fromPartial({});
            await new Promise(setImmediate);
          }
        } finally {
          ended.resolve();
        }
      },
    },
  );
  let count = 0;
  const request = TailAttemptsRequest.fromPartial({});
  for await (const _response of deliveries.tailAttempts(request, { apiKey })) {
    count += 1;
    if (count === 3) break;
  }
  await ended.promise;
  const refused = async () => {
    for await (const _response of deliveries.tailAttempts(request)) assert.fail('let in');
  };
  assert.equal(await codeOf(refused()), status.UNAUTHENTICATED);
  await close();
});

/** A call that has entered and takes until it is released. */
function heldDeletion() {
  const entered = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const deleteSubscription = async () => {
    entered.resolve();
    await release.promise;
    return {};
  };
  return { entered, release, deleteSubscription };
}

test('stopping lets a call finish, refuses new ones, ends streams as unavailable and frees the port', async () => {
  const { entered, release, deleteSubscription } = heldDeletion();
  const running = await start(
    { deleteSubscription },
    {
      async *tailAttempts(_request, call) {
        yield TailAttemptsResponse.fromPartial({});
        await new Promise((resolve) => call.signal.addEventListener('abort', resolve));
      },
    },
  );
  const finished = running.subscriptions.deleteSubscription({ id: '', etag: '' }, { apiKey });
  await entered.promise;
  const request = TailAttemptsRequest.fromPartial({});
  const responses = running.deliveries.tailAttempts(request, { apiKey })[Symbol.asyncIterator]();
  await responses.next();
  const stopping = running.server.stop();
  assert.equal(await codeOf(responses.next()), status.UNAVAILABLE);
  const late = running.subscriptions.getSubscription({ id: '' }, { apiKey, deadlineMs: 2_000 });
  assert.equal(await codeOf(late), status.UNAVAILABLE);
  release.resolve();
  assert.deepEqual(await finished, {});
  await stopping;
  const again = await start({}, {}, { port: running.server.port() });
  await again.close();
  await running.close();
});

test('a call that takes longer than a stop waits for is cut off, and may be made again', async () => {
  const { entered, release, deleteSubscription } = heldDeletion();
  const running = await start({ deleteSubscription }, {}, { drainMs: 50 });
  const cut = running.subscriptions
    .deleteSubscription({ id: '', etag: '' }, { apiKey })
    .catch((error: unknown) => fromGrpcError(error)?.code);
  await entered.promise;
  await running.server.stop();
  assert.equal(await cut, 'unavailable');
  release.resolve();
  await running.close();
});

test('health and reflection need no key, and a stop shows in health', async () => {
  const { address, server, close } = await start({});
  const Health = makeClientConstructor(healthService as never, 'Health');
  const health = new Health(address, credentials.createInsecure());
  const check = (name: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const answer = (error: Error | null, response: { status: string }) =>
        error === null ? resolve(response.status) : reject(error);
      (health as unknown as { check: (...args: unknown[]) => void }).check(
        { service: name },
        answer,
      );
    });
  assert.equal(await check('hookline.v1.SubscriptionService'), 'SERVING');
  assert.equal(await check(''), 'SERVING');
  server.setServing(false);
  assert.equal(await check(''), 'NOT_SERVING');
  const names = await listServices(health);
  assert.ok(names.includes('hookline.v1.SubscriptionService'), names);
  health.close();
  await close();
});

/** Asks reflection by hand: field 7 of the request is list_services, field 6 of the response its answer. */
function listServices(
  client: InstanceType<ReturnType<typeof makeClientConstructor>>,
): Promise<string> {
  const call = client.makeBidiStreamRequest(
    '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    (request: Buffer) => request,
    (response: Buffer) => response.toString('latin1'),
    new Metadata(),
  );
  return new Promise((resolve, reject) => {
    call.on('data', (names: string) => {
      call.end();
      resolve(names);
    });
    call.on('error', reject);
    call.write(Buffer.from([0x3a, 0x01, 0x2a]));
  });
}

test('a taken port is told with the variable that mends it', async () => {
  const running = await start({});
  await assert.rejects(start({}, {}, { port: running.server.port() }), {
    message: /port \d+ on 127.0.0.1 \(gRPC of subscription-service\) is taken/,
    mend: /HOOKLINE_PORT_OFFSET/,
  });
  await running.close();
});

test('a message over the limit is refused', async () => {
  const { subscriptions, close } = await start({}, {}, { messageBytesMax: 1_000 });
  const request = { id: 'x'.repeat(2_000) };
  assert.equal(
    await codeOf(subscriptions.getSubscription(request, { apiKey })),
    status.RESOURCE_EXHAUSTED,
  );
  await close();
});
