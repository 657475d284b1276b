import { DomainError } from '@hookline/contracts';
import type { Sealer } from '@hookline/credentials';
import {
  createGroupCommit,
  type Database,
  forgetRequests,
  QueueFullError,
} from '@hookline/event-log';
import { generateSecret, generateSigningKeyPair } from '@hookline/webhook-signature';
import { subscriptionNotFound } from '../domain/decide.ts';
import type { SubscriptionSettings } from '../domain/settings.ts';
import {
  type ChangeResult,
  type Changing,
  changeSubscription,
  type SubscriptionTarget,
} from './change-subscription.ts';
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
import { type RotatedSecret, type RotateSecret, rotateSecret } from './rotate-secret.ts';
import { createSubscriptionCodec } from './sealed-document.ts';
import type { Subscription } from './subscription-view.ts';

/**
 * The subscriptions of every tenant. Each command is one transaction: its events, the row of the
 * read model and the next epoch; when it resolves, the change is committed. Refusals are
 * DomainErrors; what Postgres throws passes through.
 */
export interface SubscriptionStore {
  /**
   * Throws `already_exists` for a request id used otherwise, `resource_exhausted` over the tenant's
   * quota or when too many are being created.
   */
  create(command: CreateSubscription): Promise<CreatedSubscription>;
  /**
   * Gives it other settings, made of those it has, and re-enables it if it is disabled. Throws
   * `not_found`, `conflict`, and what `revise` throws.
   */
  update(
    target: SubscriptionTarget,
    revise: (current: SubscriptionSettings) => SubscriptionSettings,
  ): Promise<ChangeResult>;
  /** Throws `not_found`, `conflict`, and `failed_precondition` when it is disabled. */
  pause(target: SubscriptionTarget): Promise<ChangeResult>;
  /** Makes a paused or disabled one active. Throws `not_found`, `conflict`. */
  resume(target: SubscriptionTarget): Promise<ChangeResult>;
  /** Throws `not_found`, `conflict`, and what decide() refuses a rotation for. */
  rotateSecret(target: SubscriptionTarget, rotation: RotateSecret): Promise<RotatedSecret>;
  /** Throws `not_found`, also for one deleted before; `conflict` when the etag is not the present one. */
  delete(target: SubscriptionTarget): Promise<void>;
  /**
   * Throws `not_found` for an id that never was; changes nothing when it is disabled or deleted. What
   * was accepted after `missedSince` may go undelivered; default: now.
   */
  disable(
    target: SubscriptionTarget & { readonly reason: string; readonly missedSince?: Date },
  ): Promise<ChangeResult>;
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
export function createSubscriptionStore(
  database: Database,
  { sealer, now = Date.now }: SubscriptionStoreOptions,
): SubscriptionStore {
  const codec = createSubscriptionCodec(sealer);
  const makeSigningKey = generateSigningKeyPair;
  const making = { now, makeSecret: generateSecret, makeSigningKey };
  const creation: Creation = { database, codec, sealer, ...making };
  const changing: Changing = { database, codec, sealer };
  const creations = createGroupCommit<CreateSubscription, CreatedSubscription | DomainError>({
    write: (commands) => createTogether(creation, commands),
    itemsMax: GROUP_MAX,
    queuedMax: QUEUED_MAX,
  });

  const at = () => new Date(now()).toISOString();

  return {
    async create(command) {
      const { requestId, signal } = command;
      signal?.throwIfAborted();
      await sealer.ready([command.tenant]);
      if (requestId !== undefined) return await createOnce(creation, { ...command, requestId });
      const outcome = await creations.submit(command).catch(refuseFullQueue);
      if (outcome instanceof DomainError) throw outcome;
      return outcome;
    },
    update: (target, revise) =>
      changeSubscription(changing, target, (current) => {
        if (current.state === 'deleted') throw subscriptionNotFound();
        const settings = revise(current.settings);
        return { kind: 'update', settings, signingKey: makeSigningKey(), at: at() };
      }),
    pause: (target) => changeSubscription(changing, target, () => ({ kind: 'pause', at: at() })),
    resume: (target) => changeSubscription(changing, target, () => ({ kind: 'resume', at: at() })),
    rotateSecret: (target, rotation) => rotateSecret({ ...changing, ...making }, target, rotation),
    async delete(target) {
      await changeSubscription(changing, target, () => ({ kind: 'delete', at: at() }));
    },
    disable: ({ reason, missedSince, ...target }) =>
      changeSubscription(changing, target, () => ({
        ...{ kind: 'disable', reason, at: at() },
        ...(missedSince !== undefined && { missedSince: missedSince.toISOString() }),
      })),
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

function refuseFullQueue(error: unknown): never {
  if (!(error instanceof QueueFullError)) throw error;
  throw new DomainError(
    'resource_exhausted',
    'more subscriptions are being created than can be written; try again in a second',
    { retryAfterMs: 1_000, cause: error },
  );
}
