import type pg from 'pg';

/** A right that one holder at a time has; its epoch grows with every change of holder. */
export interface Lease {
  readonly name: string;
  readonly holder: string;
  readonly epoch: bigint;
}

export interface LeaseRequest {
  readonly name: string;
  readonly holder: string;
  readonly durationMs: number;
  /** A holder known to be gone: if it is still this one's, the lease is taken before it expires. */
  readonly inPlaceOf?: string | undefined;
}

/**
 * Takes the lease if it is free, expired or already this holder's; undefined while another has it.
 * Time is Postgres's. The epoch stays when the holder renews, and grows when the holder changes.
 */
export async function acquireLease(
  pool: pg.Pool,
  request: LeaseRequest,
): Promise<Lease | undefined> {
  const { rows } = await pool.query<{ epoch: bigint }>({
    name: 'acquire-lease',
    text: `INSERT INTO hookline.lease AS l (name, holder, epoch, expires_at)
      VALUES ($1, $2, 1, now() + make_interval(secs => $3::float8 / 1000))
      ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at,
        epoch = CASE WHEN l.holder = excluded.holder THEN l.epoch ELSE l.epoch + 1 END
      WHERE l.holder = excluded.holder OR l.expires_at < now() OR l.holder = $4
      RETURNING epoch`,
    values: [request.name, request.holder, request.durationMs, request.inPlaceOf],
  });
  const row = rows[0];
  return row && { name: request.name, holder: request.holder, epoch: row.epoch };
}

export interface LeaseState {
  /** Who has it, or had it last. */
  readonly holder: string;
  readonly isExpired: boolean;
}

/** How a lease stands, by Postgres's clock; undefined when nobody ever had it. */
export async function leaseState(pool: pg.Pool, name: string): Promise<LeaseState | undefined> {
  const { rows } = await pool.query<{ holder: string; is_expired: boolean }>({
    name: 'lease-state',
    text: 'SELECT holder, expires_at < now() AS is_expired FROM hookline.lease WHERE name = $1',
    values: [name],
  });
  const [row] = rows;
  return row && { holder: row.holder, isExpired: row.is_expired };
}

/** Gives the lease up at once, so that a successor need not wait for it to expire. */
export async function releaseLease(pool: pg.Pool, lease: Lease): Promise<void> {
  await pool.query({
    name: 'release-lease',
    text: 'UPDATE hookline.lease SET expires_at = now() WHERE name = $1 AND holder = $2 AND epoch = $3',
    values: [lease.name, lease.holder, lease.epoch],
  });
}
