import type pg from 'pg';
import { formatShardLayout, parseShardLayout, type ShardLayout } from './domain/shard-layout.ts';

/** The layout that all gateways follow, whatever their own environment says. */
export interface StoredLayout {
  /** Grows with every change. */
  readonly version: bigint;
  readonly layout: ShardLayout;
}

const LEASE_PREFIX = 'ingest:';

/** The lease under which a shard is read. */
export function leaseOfShard(shard: string): string {
  return `${LEASE_PREFIX}${shard}`;
}

/** Throws what Postgres throws. */
export async function readLayout(pool: pg.Pool): Promise<StoredLayout> {
  const { rows } = await pool.query<{ version: bigint; shards: string }>({
    name: 'read-ingest-layout',
    text: 'SELECT version, shards FROM hookline.ingest_layout',
  });
  const [stored] = rows;
  const layout = stored && parseShardLayout(stored.shards);
  if (layout === undefined) {
    throw new Error(
      'hookline.ingest_layout holds no layout: start one gateway with HOOKLINE_INGEST_SHARDS=none',
    );
  }
  return { version: stored?.version ?? 0n, layout };
}

/**
 * Stores a layout if it is another one, and takes every shard from its reader in the same commit: the
 * epochs of all leases grow, so what a reader of the layout before still appends is refused, and the
 * leases run out. Two readers can so never both take one tenant's messages in, whatever they have
 * heard of. @returns whether it was another one.
 */
export async function storeLayout(pool: pg.Pool, layout: ShardLayout): Promise<boolean> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rowCount } = await client.query(
      `UPDATE hookline.ingest_layout SET version = version + 1, shards = $1, changed_at = now()
       WHERE shards <> $1`,
      [formatShardLayout(layout)],
    );
    if (rowCount === 1) {
      // Each shard has a lease from now on, so that gateways can see that nobody holds it.
      await client.query(
        `INSERT INTO hookline.lease (name, holder, epoch, expires_at)
         SELECT n, '', 1, now() FROM unnest($1::text[]) n ORDER BY n ON CONFLICT DO NOTHING`,
        [[...layout.keys()].map(leaseOfShard)],
      );
      await client.query(
        `UPDATE hookline.lease SET epoch = epoch + 1, expires_at = now() WHERE name LIKE $1`,
        [`${LEASE_PREFIX}%`],
      );
    }
    await client.query('COMMIT');
    return rowCount === 1;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}
