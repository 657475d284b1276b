import { createHash } from 'node:crypto';
import { isTenantName } from '@hookline/contracts';

/** Under which right a reader makes its durables: the stored layout, the shard, and its lease's epoch. */
export interface ReaderPlace {
  readonly layout: bigint;
  readonly shard: string;
  readonly epoch: bigint;
}

/** The lane of subjects without a host and a type, which no tenant's lane takes. */
export const STRAYS = '*';

/** What the lane of a tenant, or of what stands in a tenant's place, reads. */
export function laneFilter(tenant: string): string {
  return tenant === STRAYS ? 'hv.*' : `hv.${tenant}.>`;
}

/**
 * The durable of a lane, `gateway_<layout>_<shard>_<epoch>_<tenant>`, at most 120 characters: neither
 * shards nor tenants hold an underscore. What cannot be a tenant's name, and may hold anything, is
 * named by a hash of it.
 */
export function durableName({ layout, shard, epoch }: ReaderPlace, tenant: string): string {
  const last = isTenantName(tenant)
    ? tenant
    : `_${createHash('sha256').update(tenant).digest('hex').slice(0, 32)}`;
  return `gateway_${layout}_${shard}_${epoch}_${last}`;
}

const DURABLE = /^gateway_(?<layout>\d+)_(?<shard>[a-z0-9-]+)_(?<epoch>\d+)_/;

/**
 * Whether a durable of INGEST is that of a former reader, which the reader at `place` deletes: one of
 * an older layout, or of its own shard and an older epoch.
 *
 * A larger number is a successor's, and deleting it would be the revenge of a gateway that was taken
 * over. At its start a reader deletes those of its shard and of other layouts as well: numbers begin
 * anew with an empty database, and it has just been given the lease. Durables that are not named so
 * are of versions that had one durable for everything.
 */
export function isFormerDurable(durable: string, place: ReaderPlace, first: boolean): boolean {
  const found = DURABLE.exec(durable)?.groups;
  if (found === undefined) return /^gateway(-\d+)?$/.test(durable);
  const layout = BigInt(found.layout as string);
  if (layout !== place.layout) return first || layout < place.layout;
  if (found.shard !== place.shard) return false;
  const epoch = BigInt(found.epoch as string);
  return first ? epoch !== place.epoch : epoch < place.epoch;
}
