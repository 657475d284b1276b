import {
  AdminServiceService,
  Attempt,
  DeadLetter,
  DeadLetterCause,
  type DeadLetterSelection,
  DeadLetterServiceService,
  DeadLetterState,
  Delivery,
  DeliveryServiceService,
  DeliveryState,
  DomainError,
  durationFromMs,
  GrpcEvent,
  GrpcEventType,
  GrpcPhase,
  GrpcStatus,
  Incident,
  IncidentKind,
  IncidentState,
  newId,
  Outcome,
  Overview,
  RejectedMessage,
  RejectedState,
  Replay,
  Role,
  State,
  Subscription,
  SubscriptionHealth,
  SubscriptionServiceService,
} from '@hookline/contracts';
import { grpcService } from '@hookline/service-runtime';

/** What the one caller may do. */
export const CALLER = { keyId: 'key_1', tenant: 'default', role: Role.ROLE_ADMIN };
export const MADE_SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
export const WEBHOOK_ID = 'sub_01h455vb4pex5vsknk084sn02q';
export const DELIVERY_ID = 'dlv_01h455vb4pex5vsknk084sn02q';
export const REPLAY_ID = 'rpl_01h455vb4pex5vsknk084sn02q';
export const EVENT_ID = 'evt_01h455vb4pex5vsknk084sn02q';

/** What the services behind the console were asked, newest last, and what they refuse with. */
export interface Behind {
  readonly asked: { readonly method: string; readonly message: unknown; readonly trace?: string }[];
  refuse: DomainError | undefined;
  /** How many updates are told that somebody else was first. */
  conflicts: number;
}

/** Services that keep what they were asked and answer one of each thing. */
export function servicesOf(behind: Behind) {
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
      async updateSubscription(message) {
        ask('update', message);
        if (message.subscription?.etag === 'stale' || behind.conflicts > 0) {
          behind.conflicts -= 1;
          throw new DomainError('conflict', 'it is another version');
        }
        return { subscription: webhook, warnings: [], missedSince: established.createTime };
      },
      async pauseSubscription(message) {
        ask('pause', message);
        return { subscription: { ...webhook, state: State.STATE_PAUSED } };
      },
      async resumeSubscription(message) {
        ask('resume', message);
        return { subscription: webhook, missedSince: undefined };
      },
      async rotateSecret(message) {
        ask('rotate', message);
        const secret = message.secret === '' ? MADE_SECRET : message.secret;
        const overlapEndTime = established.createTime;
        return { subscription: { ...webhook, secret }, overlapEndTime, warnings: [] };
      },
      async pingSubscription(message) {
        ask('ping', message);
        return { eventId: EVENT_ID, deliveryId: DELIVERY_ID, attempt };
      },
      async getSubscriptionHealth(message) {
        ask('health', message);
        return { health };
      },
      async listEventTypes(message) {
        ask('listEventTypes', message);
        return { eventTypes: [eventType], nextPageToken: '' };
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
      async retryDelivery(message) {
        ask('retry', message);
        return { delivery };
      },
      async listEvents(message) {
        ask('listEvents', message);
        return { events: [event], nextPageToken: 'more' };
      },
      async getEvent(message) {
        ask('getEvent', message);
        return { event };
      },
      async createReplay(message) {
        ask('createReplay', message);
        return { replay: { ...replay, ...message.replay, id: REPLAY_ID } };
      },
      async getReplay(message) {
        ask('getReplay', message);
        return { replay };
      },
      async listReplays(message) {
        ask('listReplays', message);
        return { replays: [replay], nextPageToken: '' };
      },
      async cancelReplay(message) {
        ask('cancelReplay', message);
        return { replay };
      },
      async getOverview(message) {
        ask('getOverview', message);
        return {
          overview: Overview.fromPartial({ time: established.createTime, eventsCount: 7n }),
        };
      },
      async *tailAttempts(message, { signal }) {
        ask('tailAttempts', message);
        yield { item: { $case: 'attempt', value: attempt } } as const;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
      async tryWebhook(message) {
        ask('tryWebhook', message);
        const headers = [{ name: 'webhook-id', value: DELIVERY_ID }];
        const url = 'https://a.example/';
        return { headers, body: '{}', secret: MADE_SECRET, publicKey: '', url, attempt };
      },
    }),
    grpcService(AdminServiceService, {
      async getCaller(message) {
        ask('getCaller', message);
        return CALLER;
      },
    }),
    grpcService(DeadLetterServiceService, {
      async listDeadLetters(message) {
        ask('listDeadLetters', message);
        return { deadLetters: [deadLetter], nextPageToken: '' };
      },
      async getDeadLetter(message) {
        ask('getDeadLetter', message);
        return { deadLetter, event, attempts: [attempt] };
      },
      async discardDeadLetters(message) {
        ask('discard', message);
        return { discardedCount: 3n };
      },
      async listRejected(message) {
        ask('listRejected', message);
        return { rejectedMessages: [rejectedMessage], nextPageToken: '' };
      },
      async resubmitRejected(message) {
        ask('resubmit', message);
        return { acceptance: { eventId: EVENT_ID, position: 7n, duplicate: false } };
      },
      async listIncidents(message) {
        ask('listIncidents', message);
        return { incidents: [incident], nextPageToken: '' };
      },
      async redriveDeadLetters(message) {
        ask('redrive', message);
        return { replay: Replay.fromPartial({ ...replay, source: redriven(message.selection) }) };
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

const webhook: Subscription = Subscription.fromPartial({
  ...established,
  url: 'https://a.example',
  format: 'cdhosting',
  headers: { 'X-Shop': '7', 'X-Old': '1' },
});

const health: SubscriptionHealth = SubscriptionHealth.fromPartial({
  subscriptionId: WEBHOOK_ID,
  state: State.STATE_ACTIVE,
  lastAttempt: attempt,
  statistics: [{ window: durationFromMs(3_600_000), attemptsCount: 2n, failures: [] }],
  blockedLines: [{ subject: '', deliveryId: DELIVERY_ID, sequence: 7n }],
});

const eventType: GrpcEventType = GrpcEventType.fromPartial({
  type: 'server.started',
  title: 'Server started',
  sourceNames: [{ format: 'virtfusion', name: 'server.boot', id: '7' }],
  exampleData: '{"server_id":"1"}',
});

/** As the publisher wrote it: parsed and written again it would read `{"b":100,"a":…}`. */
export const EVENT_DATA = '{"b": 1e2, "a":12345678901234567890}';

const event: GrpcEvent = GrpcEvent.fromPartial({
  id: EVENT_ID,
  source: '/hosts/node-1',
  type: 'server.started',
  subject: 'srv_1',
  time: established.createTime,
  phase: GrpcPhase.PHASE_POST,
  status: GrpcStatus.STATUS_SUCCESS,
  sequence: 12n,
  extensions: { actor: 'api' },
  data: EVENT_DATA,
  acceptTime: established.createTime,
});

const replay: Replay = Replay.fromPartial({
  id: REPLAY_ID,
  source: {
    $case: 'events',
    value: { subscriptionId: WEBHOOK_ID, startTime: established.createTime },
  },
  creator: 'key_1',
  createTime: established.createTime,
});

function redriven(selection: DeadLetterSelection | undefined): Replay['source'] {
  return selection && { $case: 'deadLetters', value: selection };
}

const rejectedMessage: RejectedMessage = RejectedMessage.fromPartial({
  id: newId('rej'),
  state: RejectedState.REJECTED_STATE_OPEN,
  code: 'invalid_json',
  reason: 'the message is not JSON',
  channel: 'nats',
  address: 'hv.default.node-1.server.started',
  payload: Buffer.from([0xff, 0x00]),
  payloadSize: 2n,
  receiveTime: established.createTime,
});

const incident: Incident = Incident.fromPartial({
  id: newId('inc'),
  kind: IncidentKind.INCIDENT_KIND_DELIVERIES_DEAD,
  state: IncidentState.INCIDENT_STATE_OPEN,
  subscriptionId: WEBHOOK_ID,
  outcome: Outcome.OUTCOME_TIMEOUT,
  cause: 'timeout',
  count: 100_000n,
  firstTime: established.createTime,
  lastTime: established.createTime,
  notifications: [{ channel: 'email', recipient: 'ops@example.com', state: 1 }],
});

const deadLetter: DeadLetter = DeadLetter.fromPartial({
  id: DELIVERY_ID,
  eventId: EVENT_ID,
  eventType: 'server.started',
  state: DeadLetterState.DEAD_LETTER_STATE_OPEN,
  cause: DeadLetterCause.DEAD_LETTER_CAUSE_EXPIRED,
  lastAttempt: attempt,
  createTime: established.createTime,
});
