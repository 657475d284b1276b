import { appendToStream, type HooklineSchema } from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';
import type { SubscriptionEvent, SubscriptionState } from '../domain/subscription.ts';
import type { SubscriptionCodec } from './sealed-document.ts';

/** A subscription's stream. No line of a server is called so: those have a slash after the tenant. */
export function subscriptionStream(id: string): string {
  return `subscription:${id}`;
}

/** One decided change: the events, and what the subscription is after them. */
export interface Change {
  readonly state: Exclude<SubscriptionState, { state: 'absent' }>;
  readonly events: readonly SubscriptionEvent[];
  /** The number of events the decision was made on. */
  readonly expectedVersion: bigint;
  readonly actor: string;
}

/** Appends the events of a change to the subscription's stream. Throws VersionConflictError. */
export function appendChange(
  transaction: Kysely<HooklineSchema>,
  change: Change,
  codec: SubscriptionCodec,
): Promise<bigint> {
  const { state, events, expectedVersion, actor } = change;
  return appendToStream(transaction, {
    stream: subscriptionStream(state.id),
    expectedVersion,
    events: events.map((event) => ({ type: event.type, data: codec.sealEvent(event, state) })),
    metadata: { tenant: state.tenant, actor },
  });
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
  const reason = state.state === 'disabled' ? state.disabledReason : null;
  const { rows } = await sql`
    WITH taken AS (UPDATE hookline.subscription_epoch SET value = value + 1 RETURNING value)
    UPDATE hookline.subscription s SET version = ${version}, epoch = taken.value,
      matches_from_epoch = CASE WHEN ${matchesAnew} THEN taken.value ELSE s.matches_from_epoch END,
      state = ${state.state}, disabled_reason = ${reason},
      document = ${codec.sealDocument(state)}, updated_at = ${state.updatedAt}
    FROM taken WHERE s.subscription_id = ${state.id}
    RETURNING s.subscription_id`.execute(transaction);
  if (rows.length === 0) throw new Error(`the row of subscription ${state.id} is missing`);
}

/**
 * Takes hook numbers of tenants: for each tenant the last one after `count` more. A tenant that is
 * unknown or deleted is missing from the answer. Rows are locked in the order of their names, so
 * that two that take numbers of the same tenants cannot wait for each other.
 */
export async function takeHookNumbers(
  transaction: Kysely<HooklineSchema>,
  counts: ReadonlyMap<string, number>,
): Promise<Map<string, number>> {
  const { rows } = await sql<{ name: string; last: number }>`
    WITH wanted AS (
      SELECT * FROM unnest(${[...counts.keys()]}::text[], ${[...counts.values()]}::int[]) AS w(name, count)
    ), locked AS (
      SELECT t.name FROM hookline.tenant t JOIN wanted USING (name)
      WHERE t.deleted_at IS NULL ORDER BY t.name FOR NO KEY UPDATE OF t
    )
    UPDATE hookline.tenant t SET hook_number_last = t.hook_number_last + wanted.count
    FROM locked JOIN wanted USING (name) WHERE t.name = locked.name
    RETURNING t.name, t.hook_number_last AS last`.execute(transaction);
  return new Map(rows.map(({ name, last }) => [name, last]));
}
