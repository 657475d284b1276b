import type { Fence } from '@hookline/event-log';
import type pg from 'pg';

/** What is known of the readers of a shard before this one. */
export interface ReaderHistory {
  /** How many in a row ended without a word before they had appended anything. */
  readonly crashes: number;
  /** The message that the one before was trying alone when it ended without a word. */
  readonly suspect: string | undefined;
}

/**
 * Keeps what a crash must not erase: JetStream counts deliveries anew at every takeover, since the
 * durables are made anew. Nothing is written per batch; only while messages are handled one by one is
 * there a write for each.
 */
export interface ReaderRecord {
  /** A reader begins. */
  begin(): Promise<ReaderHistory>;
  /** It has appended, so whatever ended the ones before does not stand in the way. */
  progressed(): Promise<void>;
  /** The message that is handled alone next. */
  trying(message: string): Promise<void>;
  /** It ends, and not by a crash. */
  released(): Promise<void>;
}

/** All methods throw what Postgres throws; what a later reader has written is left alone. */
export function createReaderRecord(pool: pg.Pool, { lease, epoch }: Fence): ReaderRecord {
  const update = async (assignments: string, ...values: unknown[]): Promise<void> => {
    await pool.query(
      `UPDATE hookline.ingest_reader SET ${assignments} WHERE lease = $1 AND epoch = $2`,
      [lease, epoch, ...values],
    );
  };
  return {
    async begin() {
      const { rows } = await pool.query<{ crashes: number; trying: string | null }>({
        name: 'reader-begins',
        text: `INSERT INTO hookline.ingest_reader AS r (lease, epoch) VALUES ($1, $2)
          ON CONFLICT (lease) DO UPDATE SET epoch = excluded.epoch, started_at = now(),
            progressed = false, released = false,
            crashes = CASE WHEN r.released OR r.progressed THEN 0 ELSE r.crashes + 1 END,
            trying = CASE WHEN r.released THEN NULL ELSE r.trying END
          RETURNING crashes, trying`,
        values: [lease, epoch],
      });
      return { crashes: rows[0]?.crashes ?? 0, suspect: rows[0]?.trying ?? undefined };
    },
    progressed: () => update('progressed = true, crashes = 0, trying = NULL'),
    trying: (message) => update('trying = $3', message),
    released: () => update('released = true'),
  };
}
