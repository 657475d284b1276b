import type { HooklineSchema } from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';

/** Subscriptions of a tenant whose quota says nothing: all of them are in every dispatcher's memory. */
export const SUBSCRIPTIONS_MAX_DEFAULT = 1_000_000;

/** What a tenant granted of the places it was asked for. */
export interface TakenPlaces {
  /** How many; fewer than asked for when the quota is met. */
  readonly count: number;
  /** The hook number of the last of them. */
  readonly lastHookNumber: number;
  readonly quota: number;
}

/**
 * Takes places for new subscriptions of tenants: hook numbers, and room within the quota. A tenant
 * that is unknown or deleted is missing from the answer.
 *
 * The count is a column, so that a creation costs the same with a hundred thousand before it; the
 * lock on the tenant's row, held until the commit, keeps it exact. Rows are locked in the order of
 * their names, so that two that ask for the same tenants cannot wait for each other.
 */
export async function takePlaces(
  transaction: Kysely<HooklineSchema>,
  wanted: ReadonlyMap<string, number>,
): Promise<Map<string, TakenPlaces>> {
  const { rows } = await sql<{ name: string; count: number; last: number; quota: bigint }>`
    WITH wanted AS (
      SELECT * FROM unnest(${[...wanted.keys()]}::text[], ${[...wanted.values()]}::int[]) AS w(name, count)
    ), locked AS (
      SELECT t.name, t.subscriptions_count AS taken,
        coalesce(t.subscriptions_max, ${SUBSCRIPTIONS_MAX_DEFAULT}::bigint) AS quota
      FROM hookline.tenant t JOIN wanted USING (name)
      WHERE t.deleted_at IS NULL ORDER BY t.name FOR NO KEY UPDATE OF t
    ), granted AS (
      SELECT name, quota, least(wanted.count, greatest(0, quota - taken))::int AS count
      FROM locked JOIN wanted USING (name)
    )
    UPDATE hookline.tenant t SET hook_number_last = t.hook_number_last + g.count,
      subscriptions_count = t.subscriptions_count + g.count
    FROM granted g WHERE t.name = g.name
    RETURNING t.name, g.count, t.hook_number_last AS last, g.quota`.execute(transaction);
  return new Map(
    rows.map(({ name, count, last, quota }) => [
      name,
      { count, lastHookNumber: last, quota: Number(quota) },
    ]),
  );
}

/** Gives the place of a deleted subscription back. */
export async function givePlaceBack(
  transaction: Kysely<HooklineSchema>,
  tenant: string,
): Promise<void> {
  await sql`
    UPDATE hookline.tenant SET subscriptions_count = subscriptions_count - 1
    WHERE name = ${tenant}`.execute(transaction);
}
