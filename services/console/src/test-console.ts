import {
  Attempt,
  Delivery,
  DeliveryServiceService,
  DeliveryState,
  DomainError,
  durationFromMs,
  Outcome,
  State,
  Subscription,
  SubscriptionServiceService,
} from '@hookline/contracts';
import { createGrpcServer, createHttpServer, grpcService } from '@hookline/service-runtime';
import { createLogger } from '@hookline/telemetry';
import { createGrpcClients } from './grpc-clients.ts';
import { registerRoutes } from './routes.ts';

export const TEST_KEY = `hk_${'a'.repeat(43)}`;
export const MADE_SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
export const WEBHOOK_ID = 'sub_01h455vb4pex5vsknk084sn02q';
export const DELIVERY_ID = 'dlv_01h455vb4pex5vsknk084sn02q';

/** What the services behind the console were asked, newest last, and what they refuse with. */
export interface Behind {
  readonly asked: { readonly method: string; readonly message: unknown; readonly trace?: string }[];
  refuse: DomainError | undefined;
}

/**
 * A console over services that stand in for the real ones: they keep what they were asked and answer
 * one webhook and one delivery.
 */
export async function startTestConsole() {
  const logger = createLogger({ service: 'test', level: 'silent' });
  const behind: Behind = { asked: [], refuse: undefined };
  const grpc = createGrpcServer({
    name: 'test',
    host: '127.0.0.1',
    port: 0,
    services: servicesOf(behind),
    authenticate: async (key) =>
      key === TEST_KEY ? { tenant: 'default', keyId: 'key_1', role: 'admin' } : undefined,
    logger,
  });
  await grpc.start();
  const address = `127.0.0.1:${grpc.port()}`;
  const clients = createGrpcClients({ subscriptions: address, deliveries: address });
  const http = createHttpServer({
    name: 'console',
    host: '127.0.0.1',
    port: 0,
    logger,
    bodyBytesMax: 128 * 1024,
    routes: (app) => registerRoutes(app, clients),
  });
  await http.start();
  const url = `http://127.0.0.1:${http.port()}`;
  return {
    url,
    behind,
    stopServices: () => grpc.stop(),
    request: (path: string, init: RequestInit = {}) =>
      fetch(`${url}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${TEST_KEY}`, ...init.headers },
      }),
    async [Symbol.asyncDispose]() {
      await http.stop();
      clients.close();
      await grpc.stop();
    },
  };
}

function servicesOf(behind: Behind) {
  const ask = (method: string, message: unknown, trace?: string): void => {
    behind.asked.push({ method, message, ...(trace !== undefined && { trace }) });
    if (behind.refuse !== undefined) throw behind.refuse;
  };
  return [
    grpcService(SubscriptionServiceService, {
      async createSubscription(message, call) {
        ask('create', message, call.traceparent);
        const given = message.subscription ?? Subscription.create({});
        const warnings =
          given.secret === ''
            ? []
            : [{ field: 'subscription.secret', description: 'is shorter than 24 bytes' }];
        const secret = given.secret === '' ? MADE_SECRET : given.secret;
        return { subscription: { ...given, ...established, secret }, warnings };
      },
      async getSubscription(message) {
        ask('get', message);
        if (message.id !== WEBHOOK_ID) throw new DomainError('not_found', 'no such subscription');
        return {
          subscription: Subscription.fromPartial({ ...established, url: 'https://a.example' }),
        };
      },
      async listSubscriptions(message) {
        ask('list', message);
        const subscription = Subscription.fromPartial({ ...established, url: 'https://a.example' });
        return {
          subscriptions: [subscription],
          nextPageToken: message.pageToken === '' ? 'more' : '',
        };
      },
      async deleteSubscription(message) {
        ask('delete', message);
        return {};
      },
    }),
    grpcService(DeliveryServiceService, {
      async listDeliveries(message) {
        ask('listDeliveries', message);
        return { deliveries: [delivery], nextPageToken: '' };
      },
      async getDelivery(message) {
        ask('getDelivery', message);
        return { delivery, attempts: [attempt] };
      },
    }),
  ];
}

const established = {
  id: WEBHOOK_ID,
  state: State.STATE_ACTIVE,
  disabledReason: '',
  etag: '1',
  createTime: new Date('2026-01-15T10:30:00Z'),
  updateTime: new Date('2026-01-15T10:30:00Z'),
} as const;

const attempt: Attempt = {
  ...Attempt.create({}),
  id: 'att_1',
  number: 1,
  startTime: new Date('2026-01-15T10:30:01Z'),
  duration: durationFromMs(12.5),
  url: 'https://a.example/',
  outcome: Outcome.OUTCOME_HTTP_ERROR,
  httpStatus: 500,
  responseBody: Buffer.from([0xff, 0x00]),
  error: 'the receiver answered 500',
  traceId: '0'.repeat(32),
};

const delivery: Delivery = {
  ...Delivery.create({}),
  id: DELIVERY_ID,
  eventId: 'evt_1',
  subscriptionId: WEBHOOK_ID,
  eventType: 'server.started',
  state: DeliveryState.DELIVERY_STATE_SCHEDULED,
  attemptsCount: 1,
  nextAttemptTime: new Date('2026-01-15T10:31:01Z'),
  lastAttempt: attempt,
  createTime: new Date('2026-01-15T10:30:00Z'),
};
