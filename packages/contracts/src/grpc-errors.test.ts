import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import {
  GetSubscriptionResponse,
  SubscriptionServiceClient,
  SubscriptionServiceService,
} from './grpc.ts';
import {
  readErrorMetadata,
  readErrorReason,
  readFieldViolations,
  readRetryAfterMs,
  type ServiceErrorInput,
  toServiceError,
} from './grpc-errors.ts';

let answer: Error = new Error('unset');
let server: Server;
let client: SubscriptionServiceClient;

before(async () => {
  server = new Server();
  server.addService(SubscriptionServiceService, {
    getSubscription: (_call: unknown, callback: (error: Error) => void) => callback(answer),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  client = new SubscriptionServiceClient(`127.0.0.1:${port}`, credentials.createInsecure());
});

after(() => {
  client.close();
  server.forceShutdown();
});

/** What a client receives when the handler answers with this error. */
function receive(error: Error): Promise<ServiceError> {
  answer = error;
  return new Promise((resolve, reject) => {
    client.getSubscription({ id: 'sub_x' }, (received) => {
      if (received === null) reject(new Error('the call succeeded'));
      else resolve(received);
    });
  });
}

const refuse = (input: ServiceErrorInput): Promise<ServiceError> => receive(toServiceError(input));

test('a client reads the code, the message and every faulty field', async () => {
  const fieldViolations = [
    { field: 'subscription.url', description: 'must be https: got “http”' },
    { field: 'subscription.filter.types[1]', description: '`>` is not a wildcard; end with `*`' },
  ];
  const message = 'two fields are faulty';
  const error = await refuse({ code: status.INVALID_ARGUMENT, message, fieldViolations });

  assert.equal(error.code, status.INVALID_ARGUMENT);
  assert.equal(error.details, message);
  assert.deepEqual(readFieldViolations(error), fieldViolations);
  assert.equal(readErrorReason(error), undefined);
});

test('a client reads the reason, its metadata and how long to wait', async () => {
  const error = await refuse({
    code: status.RESOURCE_EXHAUSTED,
    message: 'too many calls',
    reason: 'rate_limited',
    metadata: { limitPerSecond: '50' },
    retryAfterMs: 1_500,
  });

  assert.equal(readErrorReason(error), 'rate_limited');
  assert.deepEqual(readErrorMetadata(error), { limitPerSecond: '50' });
  assert.equal(readRetryAfterMs(error), 1_500);
  assert.deepEqual(readFieldViolations(error), []);
});

test('an error without details carries no trailer', async () => {
  const error = await refuse({ code: status.NOT_FOUND, message: 'no such subscription' });

  assert.equal(error.code, status.NOT_FOUND);
  assert.deepEqual(error.metadata.get('grpc-status-details-bin'), []);
});

test('ten thousand faults still arrive as an error of less than 8 KiB that says how many', async () => {
  const fieldViolations = Array.from({ length: 10_000 }, (_, index) => ({
    field: `subscription.filter.types[${index}]`,
    description: 'x'.repeat(100),
  }));
  const message = 'y'.repeat(100_000);
  const error = await refuse({ code: status.INVALID_ARGUMENT, message, fieldViolations });

  const received = readFieldViolations(error);
  const last = received.at(-1);
  assert.equal(error.code, status.INVALID_ARGUMENT);
  assert.equal(last?.description, `and ${10_000 - received.length + 1} more faults`);
  const [trailer] = error.metadata.get('grpc-status-details-bin');
  assert.ok(trailer instanceof Buffer);
  assert.ok(trailer.toString('base64').length + error.details.length < 8 * 1024);
});

test('what is no error of ours has no fields and no reason', async () => {
  const garbled = new Metadata();
  garbled.set('grpc-status-details-bin', Buffer.from([0xff, 0xff, 0xff]));
  const foreign = Object.assign(new Error('x'), { code: status.INTERNAL, metadata: garbled });

  for (const error of [
    await receive(foreign),
    await receive(new Error('plain')),
    null,
    'text',
    {},
  ]) {
    assert.deepEqual(readFieldViolations(error), []);
    assert.equal(readErrorReason(error), undefined);
    assert.equal(readRetryAfterMs(error), undefined);
  }
});

test('a success is read as the message that was sent', async () => {
  const response = GetSubscriptionResponse.fromPartial({
    subscription: {
      id: 'sub_x',
      timeout: { seconds: 15n },
      createTime: new Date(1_700_000_000_123),
    },
  });
  const encoded = GetSubscriptionResponse.encode(response).finish();
  assert.deepEqual(GetSubscriptionResponse.decode(encoded), response);
});
