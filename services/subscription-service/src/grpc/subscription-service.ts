import {
  type CreateSubscriptionRequest,
  type CreateSubscriptionResponse,
  enumText,
  type FieldViolation,
  type ListSubscriptionsRequest,
  type ListSubscriptionsResponse,
  State,
  Subscription as SubscriptionMessage,
  SubscriptionServiceService,
} from '@hookline/contracts';
import { type Role, requireRole } from '@hookline/credentials';
import type { OutboundPolicy } from '@hookline/safe-http';
import {
  type GrpcCall,
  type GrpcService,
  grpcService,
  readPageSize,
} from '@hookline/service-runtime';
import { checkSubscription, refuseFaults, type SubscriptionStore } from '@hookline/subscriptions';
import type { SubscriptionEvents } from '../events.ts';
import { listEventTypes } from './event-type-catalogue.ts';
import { toSubscriptionMessage } from './subscription-message.ts';
import { toSubscriptionRequest } from './subscription-request.ts';

export interface SubscriptionServiceParts {
  readonly store: SubscriptionStore;
  /** Where endpoints may be. */
  readonly policy: OutboundPolicy;
  /** Told of every change after its commit. */
  readonly events: SubscriptionEvents;
}

const WRITERS: readonly Role[] = ['admin', 'editor'];
const READERS: readonly Role[] = [...WRITERS, 'viewer'];
const PAGE_SIZE = 50;
const REQUEST_ID_MAX = 128;
const QUERY_MAX = 200;

/** SubscriptionService of the contract; methods without a handler answer UNIMPLEMENTED. */
export function subscriptionService(parts: SubscriptionServiceParts): GrpcService {
  const { store, events } = parts;
  return grpcService(SubscriptionServiceService, {
    async createSubscription(request, call) {
      requireRole(call.caller, ...WRITERS);
      return await create(parts, request, call);
    },
    async getSubscription({ id }, { caller }) {
      requireRole(caller, ...READERS);
      const found = await store.get({ tenant: caller.tenant, subscriptionId: id });
      return { subscription: toSubscriptionMessage(found) };
    },
    async listSubscriptions(request, { caller }) {
      requireRole(caller, ...READERS);
      return await list(store, request, caller.tenant);
    },
    async deleteSubscription({ id, etag }, { caller }) {
      requireRole(caller, ...WRITERS);
      const target = { tenant: caller.tenant, subscriptionId: id, actor: actorOf(caller) };
      await store.delete({ ...target, etag });
      events.deleted(target);
      return {};
    },
    async listEventTypes(request, { caller }) {
      requireRole(caller, ...READERS);
      return listEventTypes(request);
    },
  });
}

async function create(
  { store, policy, events }: SubscriptionServiceParts,
  { subscription: wanted, requestId }: CreateSubscriptionRequest,
  { caller }: GrpcCall,
): Promise<CreateSubscriptionResponse> {
  const request = toSubscriptionRequest(wanted ?? SubscriptionMessage.create());
  const checked = checkSubscription(request, policy);
  const faults = [
    ...(checked.kind === 'faulty' ? checked.faults.map(within) : []),
    ...checkRequestId(requestId),
  ];
  if (checked.kind === 'faulty' || faults.length > 0) throw refuseFaults(faults);
  const actor = actorOf(caller);
  const { subscription, secret } = await store.create({
    tenant: caller.tenant,
    actor,
    settings: checked.settings,
    ...(checked.secret !== undefined && { secret: checked.secret }),
    ...(requestId !== '' && { requestId }),
  });
  events.created({ tenant: caller.tenant, subscriptionId: subscription.id, actor });
  return {
    subscription: toSubscriptionMessage(subscription, secret),
    warnings: checked.warnings
      .map(within)
      .map(({ field, detail }) => ({ field, description: detail })),
  };
}

async function list(
  store: SubscriptionStore,
  request: ListSubscriptionsRequest,
  tenant: string,
): Promise<ListSubscriptionsResponse> {
  const { query, pageToken, formats } = request;
  if (query.length > QUERY_MAX) {
    const detail = `it has ${query.length} characters; at most ${QUERY_MAX} are taken`;
    throw refuseFaults([{ field: 'query', detail }]);
  }
  const page = await store.list({
    tenant,
    pageSize: readPageSize(request.pageSize, PAGE_SIZE),
    pageToken,
    states: request.states.map(readState),
    formats,
    query,
  });
  return {
    subscriptions: page.subscriptions.map((found) => toSubscriptionMessage(found)),
    nextPageToken: page.nextPageToken,
  };
}

function readState(state: number, index: number): 'active' | 'paused' | 'disabled' {
  const name = enumText(State, 'STATE_', state);
  if (name === 'active' || name === 'paused' || name === 'disabled') return name;
  const detail = 'use STATE_ACTIVE, STATE_PAUSED or STATE_DISABLED, or none for all';
  throw refuseFaults([{ field: `states[${index}]`, detail }]);
}

function within({ field, detail }: FieldViolation): FieldViolation {
  return { field: `subscription.${field}`, detail };
}

function checkRequestId(requestId: string): FieldViolation[] {
  if (requestId.length <= REQUEST_ID_MAX && !/\p{Cc}/u.test(requestId)) return [];
  const detail = `use 1 to ${REQUEST_ID_MAX} printable characters, or leave it empty`;
  return [{ field: 'request_id', detail }];
}

function actorOf({ keyId }: GrpcCall['caller']): string {
  return `key:${keyId}`;
}
