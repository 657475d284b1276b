import { type Kysely, sql } from 'kysely';

/**
 * The log itself: events of aggregates (kept for ever) and of servers (partitioned by day), what
 * makes an append idempotent and numbered, and the outbox.
 *
 * Services run as `hookline_service`, which owns nothing and may only insert into the logs; the
 * triggers refuse changes even by the owner. A TRUNCATE trigger is not inherited by partitions, so
 * the function that makes a partition gives each its own.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
CREATE TABLE hookline.log_epoch (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  value integer NOT NULL
);
COMMENT ON TABLE hookline.log_epoch IS 'First in the order of the log: raised after a restore, since transaction ids start anew there.';
INSERT INTO hookline.log_epoch (value) VALUES (1);

CREATE SEQUENCE hookline.event_position;

CREATE TABLE hookline.event_log (
  log_epoch integer NOT NULL,
  transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
  position bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('aggregate', 'server')),
  recorded_at timestamptz NOT NULL,
  stream text NOT NULL,
  version bigint NOT NULL,
  event_id text NOT NULL,
  tenant text NOT NULL,
  source text NOT NULL,
  type text NOT NULL,
  time text NOT NULL,
  subject text,
  phase text NOT NULL,
  status text,
  extensions text NOT NULL,
  data text NOT NULL,
  schema_version smallint NOT NULL DEFAULT 1,
  PRIMARY KEY (log_epoch, transaction_id, position, kind, recorded_at)
) PARTITION BY LIST (kind);
CREATE INDEX event_log_event_id ON hookline.event_log (event_id);
CREATE INDEX event_log_stream ON hookline.event_log (stream, version);
CREATE INDEX event_log_tenant ON hookline.event_log (tenant, position);

CREATE TABLE hookline.event_log_aggregate PARTITION OF hookline.event_log FOR VALUES IN ('aggregate');
CREATE TABLE hookline.event_log_server PARTITION OF hookline.event_log FOR VALUES IN ('server')
  PARTITION BY RANGE (recorded_at);

CREATE TABLE hookline.stream_version (
  stream text PRIMARY KEY,
  version bigint NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE hookline.idempotency_key (
  key bytea NOT NULL,
  day date NOT NULL,
  event_id text NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (key, day)
) PARTITION BY RANGE (day);

CREATE TABLE hookline.outbox (
  position bigint PRIMARY KEY,
  event_id text NOT NULL,
  recorded_at timestamptz NOT NULL,
  line text NOT NULL,
  sequence bigint NOT NULL,
  subscription_epoch bigint NOT NULL,
  swept_at timestamptz
);
CREATE INDEX outbox_line ON hookline.outbox (line, sequence);

CREATE TABLE hookline.lease (
  name text PRIMARY KEY,
  holder text NOT NULL,
  epoch bigint NOT NULL,
  expires_at timestamptz NOT NULL
);

CREATE TABLE hookline.rejected (
  rejected_id text PRIMARY KEY,
  dedupe_key text NOT NULL UNIQUE,
  tenant text,
  host text,
  channel text NOT NULL,
  subject text,
  headers text NOT NULL,
  code text NOT NULL,
  reason text NOT NULL,
  payload bytea NOT NULL,
  payload_bytes integer NOT NULL,
  payload_sha256 bytea NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  resolved_at timestamptz
);
CREATE INDEX rejected_tenant ON hookline.rejected (tenant, received_at DESC);

CREATE FUNCTION hookline.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on %.% is refused: the log is append-only', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'HL001';
END $$;

CREATE FUNCTION hookline.make_append_only(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = target AND tgname = 'append_only_truncate') THEN
    EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON %s EXECUTE FUNCTION hookline.refuse_change()', target);
  END IF;
  IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = target AND tgname = 'append_only_row') THEN
    EXECUTE format('CREATE TRIGGER append_only_row BEFORE UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION hookline.refuse_change()', target);
  END IF;
END $$;

SELECT hookline.make_append_only('hookline.event_log');
SELECT hookline.make_append_only('hookline.event_log_aggregate');
SELECT hookline.make_append_only('hookline.event_log_server');
`;
