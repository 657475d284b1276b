import {
  appendNewStreams,
  appendToStream,
  type EventAttributes,
  type EventMetadata,
  type HooklineSchema,
} from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';
import {
  type EstablishedState,
  evolve,
  initialState,
  type SubscriptionEvent,
} from '../domain/subscription.ts';
import type { SubscriptionCodec } from './sealed-document.ts';
import type { SealedPlace } from './sealed-settings.ts';

/** A subscription's stream. No line of a server is called so: those have a slash after the tenant. */
export function subscriptionStream(id: string): string {
  return `subscription:${id}`;
}

/** One decided change: the events, and what the subscription is after them. */
export interface Change {
  readonly state: EstablishedState;
  readonly events: readonly SubscriptionEvent[];
  /** The number of events the decision was made on. */
  readonly expectedVersion: bigint;
  readonly actor: string;
  /** What else the audit log keeps of the call. */
  readonly attributes?: EventAttributes;
}

/**
 * What the events of a subscription's stream come to; undefined without events. Throws SealError
 * when its secrets do not open.
 */
export function foldStream(
  events: readonly { readonly type: string; readonly data: unknown }[],
  codec: SubscriptionCodec,
): EstablishedState | undefined {
  // Every stream begins with its creation, whose id and tenant are in clear.
  const place = events[0]?.data as SealedPlace;
  const state = events.map((event) => codec.openEvent(event, place)).reduce(evolve, initialState());
  return state.state === 'absent' ? undefined : state;
}

/** Appends the events of a change to the subscription's stream. Throws VersionConflictError. */
export function appendChange(
  transaction: Kysely<HooklineSchema>,
  change: Change,
  codec: SubscriptionCodec,
): Promise<bigint> {
  const { state, events, expectedVersion } = change;
  return appendToStream(transaction, {
    stream: subscriptionStream(state.id),
    expectedVersion,
    events: events.map((event) => ({ type: event.type, data: codec.sealEvent(event, state) })),
    metadata: metadataOf(change),
  });
}

function metadataOf({ state: { tenant }, actor, attributes }: Change): EventMetadata {
  return { tenant, actor, ...(attributes !== undefined && { attributes }) };
}

/** Appends the creations of several subscriptions. */
export async function appendCreations(
  transaction: Kysely<HooklineSchema>,
  changes: readonly Change[],
  codec: SubscriptionCodec,
): Promise<void> {
  const streams = changes.flatMap((change) => {
    const { state, events } = change;
    return events.map((event) => ({
      stream: subscriptionStream(state.id),
      event: { type: event.type, data: codec.sealEvent(event, state) },
      metadata: metadataOf(change),
    }));
  });
  if (streams.length > 0) await appendNewStreams(transaction, streams);
}

/**
 * Inserts the rows of new subscriptions and takes an epoch for each, in the order given. The last statement of its transaction: the epoch row stays locked until the commit,
 * which is what makes the order of epochs the order of commits.
 */
export async function insertRows(
  transaction: Kysely<HooklineSchema>,
  states: readonly Change['state'][],
  codec: SubscriptionCodec,
): Promise<void> {
  await sql`
    WITH taken AS (
      UPDATE hookline.subscription_epoch SET value = value + ${states.length}::int RETURNING value
    )
      INSERT INTO hookline.subscription (subscription_id, tenant, hook_number, version, epoch,
        matches_from_epoch, state, document, created_at, updated_at)
      SELECT s.id, s.tenant, s.hook_number, 1, t.value - ${states.length}::int + s.ord,
        t.value - ${states.length}::int + s.ord, 'active', s.document, s.created_at, s.created_at
      FROM taken t, unnest(${states.map(({ id }) => id)}::text[],
        ${states.map(({ tenant }) => tenant)}::text[],
        ${states.map(({ hookNumber }) => hookNumber)}::int[],
        ${states.map((state) => codec.sealDocument(state))}::text[],
        ${states.map(({ createdAt }) => createdAt)}::timestamptz[])
        WITH ORDINALITY AS s(id, tenant, hook_number, document, created_at, ord)`.execute(
    transaction,
  );
}

/**
 * Writes what a subscription has become over its row, with a new epoch. `matchesAnew` lets it match
 * only events accepted from now on. The last statement of its transaction, as insertRows.
 */
export async function updateRow(
  transaction: Kysely<HooklineSchema>,
  update: {
    readonly state: Change['state'];
    readonly version: bigint;
    readonly matchesAnew: boolean;
  },
  codec: SubscriptionCodec,
): Promise<void> {
  const { state, version, matchesAnew } = update;
  const [reason, disabledAt] =
    state.state === 'disabled' ? [state.disabledReason, state.disabledAt] : [null, null];
  const { rows } = await sql`
    WITH taken AS (UPDATE hookline.subscription_epoch SET value = value + 1 RETURNING value)
    UPDATE hookline.subscription s SET version = ${version}, epoch = taken.value,
      matches_from_epoch = CASE WHEN ${matchesAnew} THEN taken.value ELSE s.matches_from_epoch END,
      state = ${state.state}, disabled_reason = ${reason}, disabled_at = ${disabledAt}::timestamptz,
      enabled_at = ${state.enabledAt ?? null}::timestamptz,
      document = ${codec.sealDocument(state)}, updated_at = ${state.updatedAt}
    FROM taken WHERE s.subscription_id = ${state.id}
    RETURNING s.subscription_id`.execute(transaction);
  if (rows.length === 0) throw new Error(`the row of subscription ${state.id} is missing`);
}
