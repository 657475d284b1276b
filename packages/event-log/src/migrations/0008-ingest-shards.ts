import { type Kysely, sql } from 'kysely';

/** Which shards INGEST is read in, and what is known of each shard's reader. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
CREATE TABLE hookline.ingest_layout (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  version bigint NOT NULL,
  shards text NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN hookline.ingest_layout.shards IS 'As in HOOKLINE_INGEST_SHARDS, a=tenant-1,tenant-2;b=tenant-3; empty: one shard, all.';
INSERT INTO hookline.ingest_layout (version, shards) VALUES (1, '');

CREATE TABLE hookline.ingest_reader (
  lease text PRIMARY KEY,
  epoch bigint NOT NULL,
  progressed boolean NOT NULL DEFAULT false,
  released boolean NOT NULL DEFAULT false,
  crashes integer NOT NULL DEFAULT 0,
  trying text,
  started_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
COMMENT ON TABLE hookline.ingest_reader IS 'The latest reader of each shard: crashes counts readers in a row that ended without a word and without an append, trying names the message that is handled alone.';

GRANT SELECT ON hookline.ingest_layout, hookline.ingest_reader TO hookline_service;
GRANT UPDATE ON hookline.ingest_layout TO hookline_service;
GRANT INSERT, UPDATE ON hookline.ingest_reader TO hookline_service;
`;
