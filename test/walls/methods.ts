import { status } from '@grpc/grpc-js';
import * as contracts from '@hookline/contracts';
import type { GrpcMethodDefinition, GrpcServiceDefinition } from '@hookline/service-runtime';

/** By name, as what a method's request is called follows from the method. */
const exported: Readonly<Record<string, unknown>> = { ...contracts };

/** Which process answers. */
export type Port = 'subscriptions' | 'ingest' | 'deliveries' | 'deadLetters';

/** Ids of things of one tenant, or of things that never were. */
export interface Ids {
  readonly tenant: string;
  readonly tenantId: string;
  readonly subscription: string;
  readonly event: string;
  readonly subject: string;
  readonly delivery: string;
  readonly deadLetter: string;
  readonly replay: string;
  readonly rejected: string;
  readonly key: string;
  readonly agent: string;
}

/** Who calls; `operator` is the admin of tenant `default`, the others are of one tenant. */
export const callers = ['operator', 'admin', 'editor', 'viewer', 'publisher'] as const;
export type WallCaller = (typeof callers)[number];

/** What is expected of a method: whoever may not call it is answered PERMISSION_DENIED. */
export interface Row {
  readonly may: readonly WallCaller[];
  /** What those who may are answered when nothing of that name is there. */
  readonly answer: status;
  /** Requests that name such things; the first is what every role asks. */
  readonly requests: (ids: Ids) => readonly object[];
}

const ADMINS: readonly WallCaller[] = ['operator', 'admin'];
const EDITORS: readonly WallCaller[] = [...ADMINS, 'editor'];
const READERS: readonly WallCaller[] = [...EDITORS, 'viewer'];
const PUBLISHERS: readonly WallCaller[] = [...ADMINS, 'publisher'];

const { INVALID_ARGUMENT, NOT_FOUND, OK } = status;

const row = (may: readonly WallCaller[], answer: status, ...requests: Part[]): Row => ({
  may,
  answer,
  requests: (ids) => requests.map((request) => request(ids)),
});
type Part = (ids: Ids) => object;
const nothing: Part = () => ({});

const subscriptionRows: Readonly<Record<string, Row>> = {
  createSubscription: row(EDITORS, INVALID_ARGUMENT, nothing),
  getSubscription: row(READERS, NOT_FOUND, ({ subscription: id }) => ({ id })),
  listSubscriptions: row(READERS, OK, ({ subscription: query }) => ({ query })),
  updateSubscription: row(EDITORS, NOT_FOUND, ({ subscription: id }) => ({
    subscription: { id, description: 'mine now' },
  })),
  deleteSubscription: row(
    EDITORS,
    NOT_FOUND,
    ({ subscription: id }) => ({ id }),
    ({ subscription: id }) => ({ id, etag: '1' }),
    ({ subscription: id }) => ({ id, etag: '7' }),
  ),
  pauseSubscription: row(EDITORS, NOT_FOUND, ({ subscription: id }) => ({ id })),
  resumeSubscription: row(EDITORS, NOT_FOUND, ({ subscription: id }) => ({ id })),
  rotateSecret: row(
    EDITORS,
    NOT_FOUND,
    ({ subscription: id }) => ({ id }),
    ({ subscription: id }) => ({ id, requestId: 'walls' }),
  ),
  pingSubscription: row(EDITORS, NOT_FOUND, ({ subscription: id }) => ({ id })),
  getSubscriptionHealth: row(READERS, NOT_FOUND, ({ subscription: id }) => ({ id })),
  listEventTypes: row(READERS, OK, nothing),
  watchSubscriptions: row(READERS, OK, nothing),
};

const ingestRows: Readonly<Record<string, Row>> = {
  publishEvent: row(PUBLISHERS, INVALID_ARGUMENT, nothing),
  publishEvents: row(PUBLISHERS, INVALID_ARGUMENT, nothing),
};

const deliveryRows: Readonly<Record<string, Row>> = {
  listDeliveries: row(
    READERS,
    OK,
    ({ subscription: subscriptionId }) => ({ subscriptionId }),
    ({ event: eventId }) => ({ eventId }),
    ({ subject }) => ({ subject }),
  ),
  getDelivery: row(
    READERS,
    NOT_FOUND,
    ({ delivery: id }) => ({ id }),
    ({ deadLetter: id }) => ({ id }),
  ),
  retryDelivery: row(
    EDITORS,
    NOT_FOUND,
    ({ delivery: id }) => ({ id }),
    ({ deadLetter: id }) => ({ id }),
  ),
  tailAttempts: row(READERS, NOT_FOUND, ({ subscription }) => ({
    subscriptionIds: [subscription],
  })),
  listEvents: row(READERS, OK, ({ subject }) => ({ subject })),
  getEvent: row(READERS, NOT_FOUND, ({ event: id }) => ({ id })),
  createReplay: row(EDITORS, NOT_FOUND, ({ subscription: subscriptionId }) => {
    const [startTime, endTime] = [new Date(Date.now() - 60_000), new Date(Date.now() - 1_000)];
    const value = { subscriptionId, startTime, endTime };
    return { replay: { source: { $case: 'events', value } } };
  }),
  getReplay: row(READERS, NOT_FOUND, ({ replay: id }) => ({ id })),
  listReplays: row(READERS, OK, ({ subscription: subscriptionId }) => ({ subscriptionId })),
  cancelReplay: row(EDITORS, NOT_FOUND, ({ replay: id }) => ({ id })),
  skipOrderedHead: row(
    EDITORS,
    NOT_FOUND,
    ({ subscription: subscriptionId, delivery: deliveryId }) => ({ subscriptionId, deliveryId }),
  ),
  getOverview: row(READERS, OK, nothing),
  tryWebhook: row(READERS, INVALID_ARGUMENT, nothing),
};

const selectionOf: Part = ({ deadLetter }) => ({
  selection: { selection: { $case: 'ids', value: { ids: [deadLetter] } } },
});

const deadLetterRows: Readonly<Record<string, Row>> = {
  listDeadLetters: row(READERS, OK, ({ subscription }) => ({
    filter: { subscriptionIds: [subscription] },
  })),
  getDeadLetter: row(
    READERS,
    NOT_FOUND,
    ({ deadLetter: id }) => ({ id }),
    ({ delivery: id }) => ({ id }),
  ),
  redriveDeadLetters: row(EDITORS, NOT_FOUND, selectionOf),
  discardDeadLetters: row(EDITORS, NOT_FOUND, (ids) => ({ ...selectionOf(ids), reason: 'walls' })),
  listRejected: row(READERS, OK, ({ rejected }) => ({ ids: [rejected] })),
  resubmitRejected: row(EDITORS, NOT_FOUND, ({ rejected: id }) => ({ id })),
  listIncidents: row(READERS, OK, ({ subscription: subscriptionId }) => ({ subscriptionId })),
};

const adminRows: Readonly<Record<string, Row>> = {
  createTenant: row(['operator'], INVALID_ARGUMENT, nothing),
  getTenant: row(ADMINS, NOT_FOUND, ({ tenantId: id }) => ({ id })),
  listTenants: row(ADMINS, OK, ({ tenant: name }) => ({ name })),
  updateTenant: row(ADMINS, NOT_FOUND, ({ tenantId: id }) => ({
    tenant: { id, controlName: 'mine now' },
  })),
  deleteTenant: row(['operator'], NOT_FOUND, ({ tenantId: id, tenant: confirmName }) => ({
    id,
    confirmName,
  })),
  createApiKey: row(ADMINS, NOT_FOUND, ({ tenant }) => ({
    apiKey: { tenant, name: 'walls', role: contracts.Role.ROLE_VIEWER },
  })),
  getApiKey: row(ADMINS, NOT_FOUND, ({ key: id }) => ({ id })),
  listApiKeys: row(ADMINS, NOT_FOUND, ({ tenant }) => ({ tenant })),
  revokeApiKey: row(ADMINS, NOT_FOUND, ({ key: id }) => ({ id })),
  createAgentCredential: row(ADMINS, NOT_FOUND, ({ tenant }) => ({
    agentCredential: { tenant, hostName: 'walls-host' },
  })),
  getAgentCredential: row(ADMINS, NOT_FOUND, ({ agent: id }) => ({ id })),
  listAgentCredentials: row(ADMINS, NOT_FOUND, ({ tenant }) => ({ tenant })),
  revokeAgentCredential: row(ADMINS, NOT_FOUND, ({ agent: id }) => ({ id })),
  listAudit: row(
    ADMINS,
    NOT_FOUND,
    ({ tenant }) => ({ tenant }),
    ({ subscription: targetId }) => ({ targetId }),
    ({ key: actorId }) => ({ actorId }),
  ),
  getCaller: row(callers, OK, nothing),
};

export interface WalledMethod {
  /** `SubscriptionService.getSubscription` */
  readonly title: string;
  readonly port: Port;
  readonly definition: GrpcMethodDefinition;
  /** Undefined: nobody has said what is expected of it. */
  readonly row: Row | undefined;
}

interface Known {
  readonly port: Port;
  readonly rows: Readonly<Record<string, Row>>;
}

const known: Readonly<Record<string, Known>> = {
  SubscriptionService: { port: 'subscriptions', rows: subscriptionRows },
  AdminService: { port: 'subscriptions', rows: adminRows },
  IngestService: { port: 'ingest', rows: ingestRows },
  DeliveryService: { port: 'deliveries', rows: deliveryRows },
  DeadLetterService: { port: 'deadLetters', rows: deadLetterRows },
};

/** Every method of every service of the contract, as its definitions name them. */
export function everyMethod(): WalledMethod[] {
  return Object.entries(exported)
    .filter(([name]) => name.endsWith('ServiceService'))
    .flatMap(([name, value]) => {
      const service = name.slice(0, -'Service'.length);
      const { port = 'subscriptions', rows = {} } = known[service] ?? {};
      const methods = Object.entries(value as unknown as GrpcServiceDefinition);
      return methods.map(([method, definition]): WalledMethod => {
        return { title: `${service}.${method}`, port, definition, row: rows[method] };
      });
    });
}

/** The bytes of a method's request that holds these fields. */
export function encodeRequest({ definition }: WalledMethod, fields: object): Buffer {
  const name = `${definition.path.split('/').at(-1)}Request`;
  const type = exported[name] as { fromPartial(fields: object): never };
  return definition.requestSerialize(type.fromPartial(fields));
}
