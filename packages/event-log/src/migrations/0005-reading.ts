import { type Kysely, sql } from 'kysely';

/** What reading needs: where projections are, the first of them, and which cluster the log is in. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
ALTER TABLE hookline.log_epoch ADD COLUMN system_identifier text;
COMMENT ON COLUMN hookline.log_epoch.system_identifier IS 'Of the cluster the epoch counts in; another one means a restored dump.';

CREATE TABLE hookline.projection (
  name text NOT NULL,
  slot text NOT NULL CHECK (slot IN ('live', 'building')),
  version integer NOT NULL,
  checkpoint text NOT NULL,
  events_count bigint NOT NULL DEFAULT 0,
  started_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (name, slot)
);
COMMENT ON TABLE hookline.projection IS 'How far each projection has read; written in the transaction that writes its rows.';

CREATE TABLE hookline.server (
  tenant text NOT NULL,
  server text NOT NULL,
  sequence bigint NOT NULL,
  last_event_id text NOT NULL,
  last_type text NOT NULL,
  last_phase text NOT NULL,
  last_status text,
  last_time text NOT NULL,
  last_recorded_at timestamptz NOT NULL,
  name text,
  reported_status text,
  PRIMARY KEY (tenant, server)
) WITH (fillfactor = 70);
COMMENT ON TABLE hookline.server IS 'Projection: the latest event of each server; sequence is also the number of its events.';
CREATE INDEX server_recent ON hookline.server (tenant, last_recorded_at DESC);

-- The order of the log, below the oldest transaction that still runs. The settings keep the planner
-- to the primary key: with statistics of a few minutes ago it takes the rows of a page for few,
-- and would read and sort all the rest of the log for each page.
CREATE FUNCTION hookline.read_log(after_epoch integer, after_transaction xid8, after_position bigint,
  last_epoch integer, last_transaction xid8, last_position bigint, events_max integer)
RETURNS SETOF hookline.event_log LANGUAGE sql STABLE
SET enable_sort = off SET enable_seqscan = off SET enable_bitmapscan = off AS $$
  SELECT * FROM hookline.event_log
  WHERE (log_epoch, transaction_id, position) > (after_epoch, after_transaction, after_position)
    AND (log_epoch, transaction_id, position) <= (last_epoch, last_transaction, last_position)
    AND (log_epoch, transaction_id) <
      ((SELECT value FROM hookline.log_epoch), pg_snapshot_xmin(pg_current_snapshot()))
  ORDER BY log_epoch, transaction_id, position LIMIT events_max
$$;

GRANT SELECT, INSERT, UPDATE ON hookline.projection TO hookline_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON hookline.server TO hookline_service;
`;
