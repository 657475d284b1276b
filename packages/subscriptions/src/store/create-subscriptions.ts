import { DomainError, newId } from '@hookline/contracts';
import type { Sealer } from '@hookline/credentials';
import {
  claimRequest,
  type Database,
  fingerprintOf,
  type HooklineSchema,
  keepResponse,
  type RepeatableCall,
} from '@hookline/event-log';
import type { Kysely } from 'kysely';
import { decide } from '../domain/decide.ts';
import type { SubscriptionSettings } from '../domain/settings.ts';
import { evolve, initialState, type SubscriptionEvent } from '../domain/subscription.ts';
import { appendChange, type Change, insertRows, takeHookNumbers } from './append-change.ts';
import type { SubscriptionCodec } from './sealed-document.ts';
import { type Subscription, viewOfState } from './subscription-view.ts';

export interface CreateSubscription {
  readonly tenant: string;
  /** For instance `key:key_…`. */
  readonly actor: string;
  /** As checkSubscription answered them. */
  readonly settings: SubscriptionSettings;
  /** A secret that was brought; absent: one is made. */
  readonly secret?: string;
  /** Makes the call repeatable for 24 hours. */
  readonly requestId?: string;
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
  { codec, now, makeSecret }: Creation,
  commands: readonly CreateSubscription[],
  beforeEpoch?: (created: CreatedSubscription) => Promise<void>,
): Promise<Outcome[]> {
  const hookNumbers = await numberHooks(transaction, commands);
  const changes: Change[] = [];
  const outcomes: Outcome[] = [];
  for (const [index, command] of commands.entries()) {
    const hookNumber = hookNumbers[index];
    if (hookNumber === undefined) {
      outcomes.push(new DomainError('not_found', 'there is no tenant of this name'));
      continue;
    }
    const secret = command.secret ?? makeSecret();
    const change = newSubscription({ ...command, secret }, { hookNumber, timeMs: now() });
    changes.push(change);
    outcomes.push({ subscription: viewOfState(change.state, 1n), secret });
  }
  for (const change of changes) await appendChange(transaction, change, codec);
  for (const outcome of outcomes) {
    if (!(outcome instanceof DomainError)) await beforeEpoch?.(outcome);
  }
  const states = changes.map(({ state }) => state);
  await insertRows(transaction, states, codec);
  return outcomes;
}

/** The hook number of each creation; undefined where the tenant is not there. */
async function numberHooks(
  transaction: Kysely<HooklineSchema>,
  commands: readonly CreateSubscription[],
): Promise<(number | undefined)[]> {
  const left = new Map<string, number>();
  for (const { tenant } of commands) left.set(tenant, (left.get(tenant) ?? 0) + 1);
  const lasts = await takeHookNumbers(transaction, left);
  return commands.map(({ tenant }) => {
    const further = (left.get(tenant) ?? 1) - 1;
    left.set(tenant, further);
    const last = lasts.get(tenant);
    return last === undefined ? undefined : last - further;
  });
}

function newSubscription(
  command: CreateSubscription & { readonly secret: string },
  { hookNumber, timeMs }: { readonly hookNumber: number; readonly timeMs: number },
): Change {
  const { tenant, settings, secret, actor } = command;
  const id = newId('sub', timeMs);
  const at = new Date(timeMs).toISOString();
  const events = decide(
    { kind: 'create', id, tenant, hookNumber, settings, secret, at },
    initialState(),
  );
  return { state: establishedBy(events), events, expectedVersion: 0n, actor };
}

function establishedBy(events: readonly SubscriptionEvent[]): Change['state'] {
  const state = events.reduce(evolve, initialState());
  if (state.state === 'absent') throw new Error('a creation made no event');
  return state;
}

function readAnswer(text: string): CreatedSubscription {
  const { subscription, secret } = JSON.parse(text) as CreatedSubscription;
  const { createdAt, updatedAt } = subscription;
  return {
    subscription: {
      ...subscription,
      createdAt: new Date(createdAt),
      updatedAt: new Date(updatedAt),
    },
    secret,
  };
}
