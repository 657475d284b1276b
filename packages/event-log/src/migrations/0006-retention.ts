import { type Kysely, sql } from 'kysely';

/**
 * Retention: partitions made without stopping writers, dropped when they are old enough, and what
 * still waits on them expired on record. Everything done is a row of an append-only log of its own.
 * Also the table that lets a breaking schema refuse older programs.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(`${maintenanceLog}${making}${expiring}${dropping}${rights}`).execute(db);
}

const maintenanceLog = `
CREATE TABLE hookline.maintenance_log (
  maintenance_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  action text NOT NULL CHECK (action IN ('made', 'expired', 'dropped')),
  parent text NOT NULL,
  day date NOT NULL,
  rows_affected bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE hookline.maintenance_log IS 'What maintenance did: partitions made and dropped, and how many of schedule or outbox expired (day: the newest day whose events expire).';
CREATE INDEX maintenance_log_dropped ON hookline.maintenance_log (parent, day) WHERE action = 'dropped';
SELECT hookline.make_append_only('hookline.maintenance_log');

CREATE TABLE hookline.schema_requirement (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  program_at_least text NOT NULL
);
COMMENT ON TABLE hookline.schema_requirement IS 'The newest migration a program must know to work on this schema; raised by a migration that breaks older programs.';
INSERT INTO hookline.schema_requirement (program_at_least) VALUES ('0001-event-log');
`;

/**
 * CREATE TABLE … PARTITION OF locks the parent against everybody; a table of its own, attached, takes
 * a lock that neither readers nor writers mind. The row trigger comes with the attachment.
 */
const making = `
CREATE OR REPLACE FUNCTION hookline.make_partition(parent text, day date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  partition text := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
BEGIN
  IF to_regclass(format('hookline.%I', partition)) IS NOT NULL THEN
    RETURN;
  END IF;
  EXECUTE format('CREATE TABLE hookline.%I (LIKE hookline.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)',
    partition, parent);
  EXECUTE format('ALTER TABLE hookline.%I ATTACH PARTITION hookline.%I FOR VALUES FROM (%L) TO (%L)',
    parent, partition, day, day + 1);
  IF parent IN ('event_log_server', 'attempt_log') THEN
    PERFORM hookline.make_append_only(format('hookline.%I', partition)::regclass);
  END IF;
  INSERT INTO hookline.maintenance_log (action, parent, day) VALUES ('made', parent, day);
END $$;
ALTER FUNCTION hookline.ensure_partitions(integer) SET lock_timeout = '500ms';
`;

/**
 * Deliveries that wait, and events that were never settled, become dead letters in the statement that
 * takes them away. A delivery that a living dispatcher holds is left to it. An event nobody settled
 * was never matched: its dead letter names no subscription.
 */
const expiring = `
CREATE FUNCTION hookline.check_age(day date, keep_days integer) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
BEGIN
  IF keep_days IS NULL OR keep_days < 1 THEN
    RAISE EXCEPTION 'the retention is % days, it must be at least 1', keep_days;
  END IF;
  IF day IS NULL OR day >= current_date - keep_days THEN
    RAISE EXCEPTION '% is not older than % days', day, keep_days USING ERRCODE = 'HL002';
  END IF;
END $$;

CREATE FUNCTION hookline.expire_deliveries(last_day date, keep_days integer, rows_max integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  expired integer;
BEGIN
  PERFORM hookline.check_age(last_day, keep_days);
  WITH picked AS MATERIALIZED (
    SELECT s.delivery_id FROM hookline.schedule s
    WHERE s.event_recorded_at < last_day + 1 AND (s.claimed_by IS NULL OR NOT EXISTS (
      SELECT FROM hookline.dispatcher d
      WHERE d.dispatcher_id = s.claimed_by AND d.heartbeat_at > now() - interval '1 minute'))
    LIMIT rows_max FOR UPDATE OF s SKIP LOCKED
  ), taken AS (
    DELETE FROM hookline.schedule s USING picked p WHERE s.delivery_id = p.delivery_id RETURNING s.*
  ), counts AS MATERIALIZED (
    SELECT subscription_id, count(*) AS gone FROM taken GROUP BY subscription_id
  ), locked AS MATERIALIZED (
    SELECT b.subscription_id, c.gone FROM hookline.backlog b JOIN counts c USING (subscription_id)
    ORDER BY b.subscription_id FOR UPDATE OF b
  ), backlogs AS (
    UPDATE hookline.backlog b SET waiting = b.waiting - l.gone
    FROM locked l WHERE b.subscription_id = l.subscription_id
  ), dead AS (
    INSERT INTO hookline.dead_letter AS d (delivery_id, subscription_id, tenant, event_id, event_type,
      event_recorded_at, line, sequence, attempts_count, cause, error, first_attempt_at)
    SELECT delivery_id, subscription_id, tenant, event_id, event_type, event_recorded_at, line, sequence,
      attempts_count, 'expired', 'its event grew older than the retention time while it waited'
        || CASE WHEN claimed_by IS NULL THEN '' ELSE '; an attempt was under way when its dispatcher died' END,
      first_attempt_at
    FROM taken
    ON CONFLICT (delivery_id) DO UPDATE SET cause = excluded.cause, error = excluded.error,
      attempts_count = excluded.attempts_count, died_at = now(), handled_at = NULL, state = 'open'
  )
  SELECT count(*) INTO expired FROM taken;
  IF expired > 0 THEN
    INSERT INTO hookline.maintenance_log (action, parent, day, rows_affected)
    VALUES ('expired', 'schedule', last_day, expired);
  END IF;
  RETURN expired;
END $$;

CREATE FUNCTION hookline.expire_events(last_day date, keep_days integer, rows_max integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  expired integer;
BEGIN
  PERFORM hookline.check_age(last_day, keep_days);
  WITH picked AS MATERIALIZED (
    SELECT o.position FROM hookline.outbox o WHERE o.recorded_at < last_day + 1
    ORDER BY o.position LIMIT rows_max FOR UPDATE SKIP LOCKED
  ), taken AS (
    DELETE FROM hookline.outbox o USING picked p WHERE o.position = p.position RETURNING o.*
  ), dead AS (
    INSERT INTO hookline.dead_letter (delivery_id, subscription_id, tenant, event_id, event_type,
      event_recorded_at, line, sequence, attempts_count, cause, error)
    SELECT 'dlv_' || substr(t.event_id, 5), '', coalesce(e.tenant, split_part(t.line, '/', 1)), t.event_id,
      coalesce(e.type, ''), t.recorded_at, t.line, t.sequence, 0, 'expired',
      'no dispatcher settled the event within the retention time, so it was never matched with subscriptions'
    FROM taken t LEFT JOIN hookline.event_log e
      ON e.kind = 'server' AND e.recorded_at = t.recorded_at AND e.event_id = t.event_id
    ON CONFLICT (delivery_id) DO NOTHING
  )
  SELECT count(*) INTO expired FROM taken;
  IF expired > 0 THEN
    INSERT INTO hookline.maintenance_log (action, parent, day, rows_affected)
    VALUES ('expired', 'outbox', last_day, expired);
  END IF;
  RETURN expired;
END $$;
`;

/**
 * Callers expire in batches first; what is left here expires in the very transaction of the drop. The
 * lock timeout is far below the second after which PostgreSQL looks for deadlocks, so it is the drop
 * that gives way, and writers wait for it no longer than that.
 */
const dropping = `
CREATE FUNCTION hookline.drop_partition(parent text, day date, keep_days integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '200ms' AS $$
DECLARE
  partition text := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
  last_batch constant integer := 1000;
BEGIN
  IF parent IS NULL OR parent NOT IN ('event_log_server', 'attempt_log', 'idempotency_key') THEN
    RAISE EXCEPTION '"%" is not a table whose partitions are dropped', parent;
  END IF;
  PERFORM hookline.check_age(day, keep_days);
  PERFORM pg_advisory_xact_lock(hashtext('hookline.ensure_partitions'));
  IF to_regclass(format('hookline.%I', partition)) IS NULL THEN
    RETURN 'gone';
  END IF;
  IF parent <> 'idempotency_key' THEN
    IF hookline.expire_events(day, keep_days, last_batch) = last_batch
      OR hookline.expire_deliveries(day, keep_days, last_batch) = last_batch
      OR EXISTS (SELECT FROM hookline.schedule s WHERE s.event_recorded_at < day + 1)
      OR EXISTS (SELECT FROM hookline.outbox o WHERE o.recorded_at < day + 1)
    THEN
      RETURN 'waiting';
    END IF;
  END IF;
  EXECUTE format('LOCK TABLE hookline.%I IN ACCESS EXCLUSIVE MODE', parent);
  EXECUTE format('DROP TABLE hookline.%I', partition);
  INSERT INTO hookline.maintenance_log (action, parent, day) VALUES ('dropped', parent, day);
  RETURN 'dropped';
END $$;

CREATE FUNCTION hookline.list_partitions() RETURNS TABLE (parent text, day date)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.relname::text, to_date(right(c.relname, 8), 'YYYYMMDD')
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
  WHERE p.relnamespace = 'hookline'::regnamespace
    AND p.relname IN ('event_log_server', 'attempt_log', 'idempotency_key')
    AND c.relkind = 'r'
    AND c.relname ~ ('^' || p.relname || '_[0-9]{8}$')
$$;
`;

const rights = `
REVOKE ALL ON FUNCTION hookline.check_age(date, integer),
  hookline.expire_deliveries(date, integer, integer), hookline.expire_events(date, integer, integer),
  hookline.drop_partition(text, date, integer), hookline.list_partitions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hookline.expire_deliveries(date, integer, integer),
  hookline.expire_events(date, integer, integer), hookline.drop_partition(text, date, integer),
  hookline.list_partitions() TO hookline_service;
GRANT SELECT ON hookline.maintenance_log, hookline.schema_requirement TO hookline_service;
`;
