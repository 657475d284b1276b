import type pg from 'pg';

/** How a dispatcher treats an endpoint; undefined where it treats it like one it does not know. */
export interface EndpointStateRow {
  readonly subscriptionId: string;
  readonly state:
    | { readonly breaker: string; readonly limit: number; readonly rate: number | undefined }
    | undefined;
}

/** Writes what changed of one dispatcher's view of its endpoints, in one statement. */
export async function writeEndpointStates(
  pool: pg.Pool,
  { dispatcherId, rows }: { dispatcherId: string; rows: readonly EndpointStateRow[] },
): Promise<void> {
  const known = rows.filter((row) => row.state !== undefined);
  await pool.query({
    name: 'write-endpoint-states',
    text: `WITH forgotten AS (
        DELETE FROM hookline.endpoint_state WHERE dispatcher_id = $1 AND subscription_id = ANY ($6::text[])
      )
      INSERT INTO hookline.endpoint_state (dispatcher_id, subscription_id, breaker, concurrency_limit, rate)
      SELECT $1, e.id, e.breaker, e.concurrency_limit, e.rate
      FROM unnest($2::text[], $3::text[], $4::int[], $5::float8[]) AS e(id, breaker, concurrency_limit, rate)
      ORDER BY e.id
      ON CONFLICT (subscription_id, dispatcher_id) DO UPDATE SET breaker = excluded.breaker,
        concurrency_limit = excluded.concurrency_limit, rate = excluded.rate`,
    values: [
      dispatcherId,
      known.map((row) => row.subscriptionId),
      known.map((row) => row.state?.breaker),
      known.map((row) => row.state?.limit),
      known.map((row) => row.state?.rate ?? null),
      rows.filter((row) => row.state === undefined).map((row) => row.subscriptionId),
    ],
  });
}

/** Removes the views of dispatchers that are gone. */
export async function forgetEndpointStates(pool: pg.Pool): Promise<void> {
  await pool.query(
    `DELETE FROM hookline.endpoint_state e WHERE NOT EXISTS (
       SELECT FROM hookline.dispatcher d WHERE d.dispatcher_id = e.dispatcher_id)`,
  );
}

/** How many dispatchers live, by Postgres's clock. */
export async function countDispatchers(pool: pg.Pool, deadAfterMs: number): Promise<number> {
  const { rows } = await pool.query<{ count: number }>({
    name: 'count-dispatchers',
    text: `SELECT count(*)::int AS count FROM hookline.dispatcher
      WHERE heartbeat_at > now() - make_interval(secs => $1::float8 / 1000)`,
    values: [deadAfterMs],
  });
  return rows[0]?.count ?? 1;
}
