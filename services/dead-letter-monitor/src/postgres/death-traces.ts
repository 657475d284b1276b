import type pg from 'pg';

/** By which attempt a delivery was given up, and in which trace. */
export interface DeathTrace {
  readonly deliveryId: string;
  readonly traceId: string;
  readonly number: number;
}

/** The last attempts of deliveries that were given up, where they are on record. */
export async function findDeathTraces(
  pool: pg.Pool,
  { tenant, deliveryIds }: { readonly tenant: string; readonly deliveryIds: readonly string[] },
): Promise<DeathTrace[]> {
  const { rows } = await pool.query<{ delivery_id: string; trace_id: string; number: number }>({
    name: 'death-traces',
    text: `SELECT DISTINCT ON (delivery_id) delivery_id, trace_id, number FROM hookline.attempt_log
      WHERE tenant = $1 AND delivery_id = ANY($2::text[]) AND delivery_state = 'dead'
      ORDER BY delivery_id, number DESC`,
    values: [tenant, deliveryIds],
  });
  return rows
    .filter((row) => row.trace_id !== '')
    .map((row) => ({ deliveryId: row.delivery_id, traceId: row.trace_id, number: row.number }));
}
