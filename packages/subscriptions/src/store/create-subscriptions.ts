import { DomainError, newId } from '@hookline/contracts';
import type { Sealer } from '@hookline/credentials';
import {
  claimRequest,
  type Database,
  type EventAttributes,
  fingerprintOf,
  type HooklineSchema,
  keepResponse,
  type RepeatableCall,
} from '@hookline/event-log';
import type { Kysely } from 'kysely';
import { decide } from '../domain/decide.ts';
import { signsWithKey } from '../domain/engine-options.ts';
import type { SubscriptionSettings } from '../domain/settings.ts';
import {
  evolve,
  initialState,
  type SigningKey,
  type SubscriptionEvent,
} from '../domain/subscription.ts';
import { appendCreations, type Change, insertRows } from './append-change.ts';
import type { SubscriptionCodec } from './sealed-document.ts';
import { reviveView, type Subscription, viewOfState } from './subscription-view.ts';
import { takePlaces } from './tenant-places.ts';

export interface CreateSubscription {
  readonly tenant: string;
  /** For instance `key:key_…`. */
  readonly actor: string;
  /** What else the audit log keeps of the call. */
  readonly attributes?: EventAttributes;
  /** As checkSubscription answered them. */
  readonly settings: SubscriptionSettings;
  /** A secret that was brought; absent: one is made. */
  readonly secret?: string;
  /** Makes the call repeatable for 24 hours. */
  readonly requestId?: string;
  /** Aborted when nobody waits for the answer any more; what is not committed by then is not done. */
  readonly signal?: AbortSignal;
}

export interface CreatedSubscription {
  readonly subscription: Subscription;
  /** To be shown in the answer to this call and never again. */
  readonly secret: string;
}

export interface Creation {
  readonly database: Database;
  readonly codec: SubscriptionCodec;
  readonly sealer: Sealer;
  readonly now: () => number;
  readonly makeSecret: () => string;
  readonly makeSigningKey: () => SigningKey;
}

type Outcome = CreatedSubscription | DomainError;

/**
 * Creates several subscriptions in one transaction, so that many that come at once share its
 * commit. A creation for a tenant that is not there is refused and harms no other.
 */
export function createTogether(
  creation: Creation,
  commands: readonly CreateSubscription[],
): Promise<Outcome[]> {
  const { database } = creation;
  return database.kysely
    .transaction()
    .execute((transaction) => createWithin(transaction, creation, commands));
}

/** Creates one subscription, or answers as the first call with its request id was answered. */
export async function createOnce(
  creation: Creation,
  command: CreateSubscription & { readonly requestId: string },
): Promise<CreatedSubscription> {
  const { database, sealer } = creation;
  const { tenant, requestId, settings, secret } = command;
  const call: RepeatableCall = {
    tenant,
    method: 'CreateSubscription',
    requestId,
    fingerprint: fingerprintOf({ settings, secret }),
  };
  return await database.kysely.transaction().execute(async (transaction) => {
    const first = await claimRequest(transaction, call, sealer);
    if (first !== undefined) return readAnswer(first);
    const [outcome] = await createWithin(transaction, creation, [command], (created) =>
      keepResponse(transaction, call, { text: JSON.stringify(created), sealer }),
    );
    if (outcome === undefined || outcome instanceof DomainError) throw outcome;
    return outcome;
  });
}

async function createWithin(
  transaction: Kysely<HooklineSchema>,
  { codec, now, makeSecret, makeSigningKey }: Creation,
  commands: readonly CreateSubscription[],
  beforeEpoch?: (created: CreatedSubscription) => Promise<void>,
): Promise<Outcome[]> {
  const places = await placeAll(transaction, commands);
  const changes: Change[] = [];
  const outcomes: Outcome[] = [];
  for (const [index, command] of commands.entries()) {
    const hookNumber = places[index];
    if (typeof hookNumber !== 'number') {
      outcomes.push(hookNumber ?? noTenant());
      continue;
    }
    const secret = command.secret ?? makeSecret();
    // 50 µs each, for the few that use one.
    const key = signsWithKey(command.settings) && { signingKey: makeSigningKey() };
    const made = { ...command, secret, ...key };
    const change = newSubscription(made, { hookNumber, timeMs: now() });
    changes.push(change);
    outcomes.push({ subscription: viewOfState(change.state, 1n), secret });
  }
  await appendCreations(transaction, changes, codec);
  for (const outcome of outcomes) {
    if (!(outcome instanceof DomainError)) await beforeEpoch?.(outcome);
  }
  const states = changes.map(({ state }) => state);
  await insertRows(transaction, states, codec);
  return outcomes;
}

/** The hook number of each creation, or why there is no place for it. */
async function placeAll(
  transaction: Kysely<HooklineSchema>,
  commands: readonly CreateSubscription[],
): Promise<(number | DomainError)[]> {
  const wanted = new Map<string, number>();
  const living = commands.filter(({ signal }) => signal?.aborted !== true);
  for (const { tenant } of living) wanted.set(tenant, (wanted.get(tenant) ?? 0) + 1);
  const taken = await takePlaces(transaction, wanted);
  const used = new Map<string, number>();
  return commands.map(({ tenant, signal }) => {
    if (signal?.aborted === true) return abandoned();
    const places = taken.get(tenant);
    if (places === undefined) return noTenant();
    const number = (used.get(tenant) ?? 0) + 1;
    used.set(tenant, number);
    if (number > places.count) return overQuota(places.quota);
    return places.lastHookNumber - places.count + number;
  });
}

function noTenant(): DomainError {
  return new DomainError('not_found', 'there is no tenant of this name');
}

function abandoned(): DomainError {
  return new DomainError('unavailable', 'the call ended before the subscription was created');
}

function overQuota(quota: number): DomainError {
  return new DomainError(
    'resource_exhausted',
    `the tenant has as many subscriptions as its quota subscriptions_max allows, ${quota}; delete some, or have the quota raised`,
  );
}

function newSubscription(
  command: CreateSubscription & { readonly secret: string; readonly signingKey?: SigningKey },
  { hookNumber, timeMs }: { readonly hookNumber: number; readonly timeMs: number },
): Change {
  const { tenant, settings, secret, signingKey, actor, attributes } = command;
  const key = signingKey !== undefined && { signingKey };
  const id = newId('sub', timeMs);
  const at = new Date(timeMs).toISOString();
  const events = decide(
    { kind: 'create', id, tenant, hookNumber, settings, secret, ...key, at },
    initialState(),
  );
  const by = { actor, ...(attributes !== undefined && { attributes }) };
  return { state: establishedBy(events), events, expectedVersion: 0n, ...by };
}

function establishedBy(events: readonly SubscriptionEvent[]): Change['state'] {
  const state = events.reduce(evolve, initialState());
  if (state.state === 'absent') throw new Error('a creation made no event');
  return state;
}

function readAnswer(text: string): CreatedSubscription {
  const { subscription, secret } = JSON.parse(text) as CreatedSubscription;
  return { subscription: reviveView(subscription), secret };
}
