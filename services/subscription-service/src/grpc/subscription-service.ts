import {
  enumText,
  type FieldViolation,
  type ListSubscriptionsRequest,
  type ListSubscriptionsResponse,
  State,
  SubscriptionServiceService,
} from '@hookline/contracts';
import { type Role, requireRole, type TenantSealer } from '@hookline/credentials';
import type { Database } from '@hookline/event-log';
import type { OutboundPolicy } from '@hookline/safe-http';
import { type GrpcService, grpcService, readPageSize } from '@hookline/service-runtime';
import {
  refuseFaults,
  type SubscriptionStore,
  type SubscriptionWatch,
} from '@hookline/subscriptions';
import type { SubscriptionEvents } from '../events.ts';
import { findCustomEventTypes } from '../postgres/custom-event-types.ts';
import { readHealth } from '../postgres/subscription-health.ts';
import { listEventTypes } from './event-type-catalogue.ts';
import { createSubscription, rotateSecret, updateSubscription } from './subscription-changes.ts';
import { toHealthMessage } from './subscription-health.ts';
import { toSubscriptionMessage } from './subscription-message.ts';
import { type Ping, pingSubscription } from './subscription-ping.ts';
import { targetOf } from './subscription-target.ts';
import { watchSubscriptions } from './subscription-watch.ts';

export interface SubscriptionServiceParts {
  readonly store: SubscriptionStore;
  readonly sealer: TenantSealer;
  /** Where endpoints may be. */
  readonly policy: OutboundPolicy;
  readonly database: Database;
  readonly watch: SubscriptionWatch;
  /** Asks a dispatcher to ping. */
  readonly ping: Ping;
  /** Told of every change after its commit. */
  readonly events: SubscriptionEvents;
}

const WRITERS: readonly Role[] = ['admin', 'editor'];
const READERS: readonly Role[] = [...WRITERS, 'viewer'];
const PAGE_SIZE = 50;
const QUERY_MAX = 200;
const FORMATS_MAX = 100;
const FORMAT_MAX = 64;

/** SubscriptionService of the contract, whole. */
export function subscriptionService(parts: SubscriptionServiceParts): GrpcService {
  const { store, events, sealer } = parts;
  return grpcService(SubscriptionServiceService, {
    async createSubscription(request, call) {
      requireRole(call.caller, ...WRITERS);
      return await createSubscription(parts, request, call);
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
    async updateSubscription(request, call) {
      requireRole(call.caller, ...WRITERS);
      return await updateSubscription(parts, request, call);
    },
    async deleteSubscription(request, call) {
      requireRole(call.caller, ...WRITERS);
      const target = await targetOf(request, call, sealer);
      await store.delete(target);
      events.deleted(target);
      return {};
    },
    async pauseSubscription(request, call) {
      requireRole(call.caller, ...WRITERS);
      const target = await targetOf(request, call, sealer);
      const { kind, subscription } = await store.pause(target);
      if (kind === 'changed') events.paused(target);
      return { subscription: toSubscriptionMessage(subscription) };
    },
    async resumeSubscription(request, call) {
      requireRole(call.caller, ...WRITERS);
      const target = await targetOf(request, call, sealer);
      const { kind, subscription, missedSince } = await store.resume(target);
      if (kind === 'changed') events.resumed(target);
      return { subscription: toSubscriptionMessage(subscription), missedSince };
    },
    async rotateSecret(request, call) {
      requireRole(call.caller, ...WRITERS);
      return await rotateSecret(parts, request, call);
    },
    async pingSubscription(request, call) {
      requireRole(call.caller, ...WRITERS);
      return await pingSubscription(parts, request, call);
    },
    async getSubscriptionHealth({ id }, { caller, signal }) {
      requireRole(caller, ...READERS);
      const target = { tenant: caller.tenant, subscriptionId: id };
      const found = await store.get(target);
      signal.throwIfAborted();
      return { health: toHealthMessage(found, await readHealth(parts.database, target)) };
    },
    watchSubscriptions(request, call) {
      requireRole(call.caller, ...READERS);
      return watchSubscriptions(parts.watch, request, call);
    },
    async listEventTypes(request, { caller }) {
      requireRole(caller, ...READERS);
      return await listEventTypes(request, caller.tenant, (tenant) =>
        findCustomEventTypes(parts.database, tenant),
      );
    },
  });
}

async function list(
  store: SubscriptionStore,
  request: ListSubscriptionsRequest,
  tenant: string,
): Promise<ListSubscriptionsResponse> {
  const { query, pageToken, formats } = request;
  const faults = [
    ...textFaults('query', query, QUERY_MAX),
    ...formats.flatMap((format, index) => textFaults(`formats[${index}]`, format, FORMAT_MAX)),
    ...(formats.length > FORMATS_MAX
      ? [
          {
            field: 'formats',
            detail: `there are ${formats.length}; at most ${FORMATS_MAX} are taken`,
          },
        ]
      : []),
  ];
  if (faults.length > 0) throw refuseFaults(faults);
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

function textFaults(field: string, text: string, charactersMax: number): FieldViolation[] {
  if (text.length > charactersMax) {
    return [
      { field, detail: `it has ${text.length} characters; at most ${charactersMax} are taken` },
    ];
  }
  const isPrintable = !/[\p{Cc}\p{Cs}]/u.test(text);
  return isPrintable ? [] : [{ field, detail: 'it holds control characters; use printable text' }];
}

function readState(state: number, index: number): 'active' | 'paused' | 'disabled' {
  const name = enumText(State, 'STATE_', state);
  if (name === 'active' || name === 'paused' || name === 'disabled') return name;
  const detail = 'use STATE_ACTIVE, STATE_PAUSED or STATE_DISABLED, or none for all';
  throw refuseFaults([{ field: `states[${index}]`, detail }]);
}
