import { DomainError, isId } from '@hookline/contracts';
import type { Sealer } from '@hookline/credentials';
import {
  claimRequest,
  type Database,
  type EventAttributes,
  type HooklineSchema,
  keepResponse,
  type RepeatableCall,
  readStream,
  VersionConflictError,
} from '@hookline/event-log';
import type { Kysely } from 'kysely';
import { decide, type SubscriptionCommand, subscriptionNotFound } from '../domain/decide.ts';
import { type EstablishedState, evolve } from '../domain/subscription.ts';
import {
  appendChange,
  type Change,
  foldStream,
  subscriptionStream,
  updateRow,
} from './append-change.ts';
import { holdBacklog } from './hold-backlog.ts';
import type { SubscriptionCodec } from './sealed-document.ts';
import { type Subscription, viewOfState } from './subscription-view.ts';
import { givePlaceBack } from './tenant-places.ts';

/** Which subscription a command is for, and who asks. */
export interface SubscriptionTarget {
  readonly tenant: string;
  readonly subscriptionId: string;
  /** For instance `key:key_…` or `system:dead-letter-monitor`. */
  readonly actor: string;
  /** What else the audit log keeps of the call. */
  readonly attributes?: EventAttributes;
  /** Only this version; absent or empty: any. */
  readonly etag?: string;
  /** Aborted when nobody waits for the answer any more; what is not committed by then is not done. */
  readonly signal?: AbortSignal;
}

/** What a command has done: `unchanged` when what it asks for was so already. */
export type ChangeResult = {
  readonly kind: 'changed' | 'unchanged';
  readonly subscription: Subscription;
  /** From when on events were missed, if this change re-enabled it. */
  readonly missedSince?: Date;
};

export interface Changing {
  readonly database: Database;
  readonly codec: SubscriptionCodec;
  readonly sealer: Sealer;
}

/** The command, made on what the subscription is; it is made anew when that changes meanwhile. */
export type MakeCommand = (current: EstablishedState) => SubscriptionCommand;

/** How often a command is decided anew because the subscription changed meanwhile. */
const TRIES_MAX = 10;

/** Decides and commits one change of a subscription: events, row, epoch, and what waits for it. */
export function changeSubscription(
  changing: Changing,
  target: SubscriptionTarget,
  makeCommand: MakeCommand,
): Promise<ChangeResult> {
  return whileConflicting(target, async () => {
    const { database, codec, sealer } = changing;
    await sealer.ready([target.tenant]);
    const loaded = await load(database.kysely, codec, target);
    const change = decideChange(target, loaded, makeCommand);
    if (change === undefined) {
      return { kind: 'unchanged', subscription: viewOfState(loaded.state, loaded.version) };
    }
    return await database.kysely
      .transaction()
      .execute((transaction) => commit(transaction, { codec, target, change, loaded }));
  });
}

/** As changeSubscription, and repeatable: a second call of the same id is answered with the text kept. */
export function changeOnce(
  { database, codec, sealer }: Changing,
  target: SubscriptionTarget,
  once: {
    readonly call: RepeatableCall;
    readonly makeCommand: MakeCommand;
    readonly answer: (result: ChangeResult) => string;
  },
): Promise<string> {
  const { call, makeCommand, answer } = once;
  return whileConflicting(target, async () => {
    await sealer.ready([target.tenant]);
    return await database.kysely.transaction().execute(async (transaction) => {
      const first = await claimRequest(transaction, call, sealer);
      if (first !== undefined) return first;
      const loaded = await load(transaction, codec, target);
      const change = decideChange(target, loaded, makeCommand);
      if (change === undefined) throw new Error('a repeatable command decided nothing');
      let text = '';
      await commit(transaction, {
        ...{ codec, target, change, loaded },
        beforeEpoch: async (result) => {
          text = answer(result);
          await keepResponse(transaction, call, { text, sealer });
        },
      });
      return text;
    });
  });
}

interface Loaded {
  readonly state: EstablishedState;
  readonly version: bigint;
}

async function whileConflicting<T>(target: SubscriptionTarget, run: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      target.signal?.throwIfAborted();
      return await run();
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error;
      if (tries === TRIES_MAX) throw changedTooOften(error);
    }
  }
}

async function load(
  db: Kysely<HooklineSchema>,
  codec: SubscriptionCodec,
  { tenant, subscriptionId }: SubscriptionTarget,
): Promise<Loaded> {
  if (!isId('sub', subscriptionId)) throw subscriptionNotFound();
  const stream = await readStream(db, subscriptionStream(subscriptionId));
  const state = foldStream(stream.events, codec);
  if (state === undefined || state.tenant !== tenant) throw subscriptionNotFound();
  return { state, version: stream.version };
}

function decideChange(
  { etag, actor, attributes }: SubscriptionTarget,
  { state, version }: Loaded,
  makeCommand: MakeCommand,
): Change | undefined {
  const command = makeCommand(state);
  // A deleted one is not there, whatever its etag.
  if (state.state !== 'deleted') checkEtag(etag, version);
  const events = decide(command, state);
  if (events.length === 0) return undefined;
  const after = events.reduce(evolve, state) as EstablishedState;
  const by = { actor, ...(attributes !== undefined && { attributes }) };
  return { state: after, events, expectedVersion: version, ...by };
}

async function commit(
  transaction: Kysely<HooklineSchema>,
  given: {
    readonly codec: SubscriptionCodec;
    readonly target: SubscriptionTarget;
    readonly change: Change;
    readonly loaded: Loaded;
    readonly beforeEpoch?: (result: ChangeResult) => Promise<void>;
  },
): Promise<ChangeResult> {
  const { codec, target, change, loaded } = given;
  const { state } = change;
  const before = loaded.state;
  const version = await appendChange(transaction, change, codec);
  const isEnabled = before.state === 'disabled' && state.state === 'active';
  const result: ChangeResult = {
    kind: 'changed',
    subscription: viewOfState(state, version),
    ...(isEnabled && { missedSince: new Date(before.missedSince ?? before.disabledAt) }),
  };
  if (state.state === 'deleted') await givePlaceBack(transaction, state.tenant);
  await given.beforeEpoch?.(result);
  target.signal?.throwIfAborted();
  await updateRow(transaction, { state, version, matchesAnew: isEnabled }, codec);
  if (state.state !== before.state) await holdBacklog(transaction, state);
  return result;
}

function checkEtag(etag: string | undefined, version: bigint): void {
  if (etag === undefined || etag === '' || etag === String(version)) return;
  throw new DomainError(
    'conflict',
    'the subscription has changed since its etag was read; read it again and repeat the change',
  );
}

function changedTooOften(cause: unknown): DomainError {
  return new DomainError('conflict', 'the subscription is being changed by others; try again', {
    retryAfterMs: 1_000,
    cause,
  });
}
