import type pg from 'pg';

/** Days of partitions that stand ready; a service that cannot make new ones for so long has time to be mended. */
const DAYS_AHEAD = 3;

/** Makes the partitions of the coming days; cheap when they are there. Called at start and every hour. */
export async function ensurePartitions(pool: pg.Pool): Promise<void> {
  await pool.query('SELECT hookline.ensure_partitions($1)', [DAYS_AHEAD]);
}
