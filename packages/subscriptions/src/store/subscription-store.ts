import { DomainError, isId } from '@hookline/contracts';
import type { Sealer } from '@hookline/credentials';
import {
  createGroupCommit,
  type Database,
  forgetRequests,
  QueueFullError,
  readStream,
  VersionConflictError,
} from '@hookline/event-log';
import { generateSecret } from '@hookline/webhook-signature';
import { decide, type SubscriptionCommand, subscriptionNotFound } from '../domain/decide.ts';
import { evolve, initialState } from '../domain/subscription.ts';
import { appendChange, type Change, subscriptionStream, updateRow } from './append-change.ts';
import {
  type CreatedSubscription,
  type CreateSubscription,
  type Creation,
  createOnce,
  createTogether,
} from './create-subscriptions.ts';
import {
  findSubscription,
  type ListSubscriptions,
  listSubscriptions,
  type SubscriptionPage,
} from './list-subscriptions.ts';
import { createSubscriptionCodec } from './sealed-document.ts';
import { type Subscription, viewOfState } from './subscription-view.ts';

/** Which subscription a command is for, and who asks. */
export interface SubscriptionTarget {
  readonly tenant: string;
  readonly subscriptionId: string;
  /** For instance `key:key_…` or `system:dead-letter-monitor`. */
  readonly actor: string;
  /** Only this version; absent or empty: any. */
  readonly etag?: string;
}

/** What a command has done: `unchanged` when what it asks for was so already. */
export type ChangeResult =
  | { readonly kind: 'changed'; readonly subscription: Subscription }
  | { readonly kind: 'unchanged' };

/**
 * The subscriptions of every tenant. Each command is one transaction: its events, the row of the
 * read model and the next epoch; when it resolves, the change is committed. Refusals are
 * DomainErrors; what Postgres throws passes through.
 */
export interface SubscriptionStore {
  /** Throws `already_exists` for a request id used otherwise, `resource_exhausted` over the bound. */
  create(command: CreateSubscription): Promise<CreatedSubscription>;
  /** Throws `not_found`, also for one deleted before; `conflict` when the etag is not the present one. */
  delete(target: SubscriptionTarget): Promise<void>;
  /** Throws `not_found` for an id that never was; changes nothing when it is disabled or deleted. */
  disable(target: SubscriptionTarget & { readonly reason: string }): Promise<ChangeResult>;
  /** Throws `not_found`. */
  get(target: { readonly tenant: string; readonly subscriptionId: string }): Promise<Subscription>;
  list(request: ListSubscriptions): Promise<SubscriptionPage>;
  /** Forgets answers kept for repeated request ids after their 24 hours; returns how many. */
  forgetRequests(): Promise<number>;
}

export interface SubscriptionStoreOptions {
  readonly sealer: Sealer;
  /** Unix time in milliseconds. */
  readonly now?: () => number;
}

/** Creations of one commit. */
const GROUP_MAX = 64;
/** Creations that wait for their group; one more is refused. */
const QUEUED_MAX = 5_000;
/** How often a command is decided anew because the subscription changed meanwhile. */
const TRIES_MAX = 5;

/** Opens the store; it holds nothing that has to be closed. */
export function createSubscriptionStore(
  database: Database,
  { sealer, now = Date.now }: SubscriptionStoreOptions,
): SubscriptionStore {
  const codec = createSubscriptionCodec(sealer);
  const creation: Creation = { database, codec, sealer, now, makeSecret: generateSecret };
  const creations = createGroupCommit<CreateSubscription, CreatedSubscription | DomainError>({
    write: (commands) => createTogether(creation, commands),
    itemsMax: GROUP_MAX,
    queuedMax: QUEUED_MAX,
  });

  async function load({ tenant, subscriptionId }: { tenant: string; subscriptionId: string }) {
    if (!isId('sub', subscriptionId)) throw subscriptionNotFound();
    await sealer.ready([tenant]);
    const stream = await readStream(database.kysely, subscriptionStream(subscriptionId));
    const state = stream.events.map(codec.openEvent).reduce(evolve, initialState());
    if (state.state === 'absent' || state.tenant !== tenant) throw subscriptionNotFound();
    return { state, version: stream.version };
  }

  async function commit(change: Change): Promise<Subscription> {
    return await database.kysely.transaction().execute(async (transaction) => {
      const version = await appendChange(transaction, change, codec);
      const update = { state: change.state, version, matchesAnew: false };
      await updateRow(transaction, update, codec);
      return viewOfState(change.state, version);
    });
  }

  async function changeOnce(
    target: SubscriptionTarget,
    command: SubscriptionCommand,
  ): Promise<ChangeResult> {
    const { state, version } = await load(target);
    checkEtag(target.etag, version);
    const events = decide(command, state);
    if (events.length === 0) return { kind: 'unchanged' };
    const after = events.reduce(evolve, state) as Change['state'];
    const change = { state: after, events, expectedVersion: version, actor: target.actor };
    return { kind: 'changed', subscription: await commit(change) };
  }

  async function change(
    target: SubscriptionTarget,
    command: SubscriptionCommand,
  ): Promise<ChangeResult> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await changeOnce(target, command);
      } catch (error) {
        if (!(error instanceof VersionConflictError) || tries === TRIES_MAX) throw error;
      }
    }
  }

  const at = () => new Date(now()).toISOString();

  return {
    async create(command) {
      await sealer.ready([command.tenant]);
      const { requestId } = command;
      if (requestId !== undefined) return await createOnce(creation, { ...command, requestId });
      const outcome = await creations.submit(command).catch(refuseFullQueue);
      if (outcome instanceof DomainError) throw outcome;
      return outcome;
    },
    async delete(target) {
      await change(target, { kind: 'delete', at: at() });
    },
    disable: ({ reason, ...target }) => change(target, { kind: 'disable', reason, at: at() }),
    async get(target) {
      await sealer.ready([target.tenant]);
      const found = await findSubscription(database, codec, target);
      if (found === undefined) throw subscriptionNotFound();
      return found;
    },
    async list(request) {
      await sealer.ready([request.tenant]);
      return await listSubscriptions(database, codec, request);
    },
    forgetRequests: () => forgetRequests(database.kysely),
  };
}

function checkEtag(etag: string | undefined, version: bigint): void {
  if (etag === undefined || etag === '' || etag === String(version)) return;
  throw new DomainError(
    'conflict',
    'the subscription has changed since its etag was read; read it again and repeat the change',
  );
}

function refuseFullQueue(error: unknown): never {
  if (!(error instanceof QueueFullError)) throw error;
  throw new DomainError(
    'resource_exhausted',
    'more subscriptions are being created than can be written; try again in a second',
    { retryAfterMs: 1_000, cause: error },
  );
}
