import { type Kysely, sql } from 'kysely';

/** Partitions made ahead, by a function that services may call though they own nothing; and what services may do. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
CREATE FUNCTION hookline.make_partition(parent text, day date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  partition text := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
BEGIN
  IF to_regclass(format('hookline.%I', partition)) IS NOT NULL THEN
    RETURN;
  END IF;
  EXECUTE format('CREATE TABLE hookline.%I PARTITION OF hookline.%I FOR VALUES FROM (%L) TO (%L)',
    partition, parent, day, day + 1);
  IF parent IN ('event_log_server', 'attempt_log') THEN
    PERFORM hookline.make_append_only(format('hookline.%I', partition)::regclass);
  END IF;
END $$;

CREATE FUNCTION hookline.ensure_partitions(days_ahead integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  day date;
BEGIN
  IF days_ahead NOT BETWEEN 1 AND 31 THEN
    RAISE EXCEPTION 'days_ahead is %, it must be 1 to 31', days_ahead;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('hookline.ensure_partitions'));
  FOR day IN SELECT generate_series(current_date - 1, current_date + days_ahead, '1 day')::date LOOP
    PERFORM hookline.make_partition('event_log_server', day);
    PERFORM hookline.make_partition('attempt_log', day);
    PERFORM hookline.make_partition('idempotency_key', day);
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION hookline.ensure_partitions(integer), hookline.make_partition(text, date), hookline.make_append_only(regclass) FROM PUBLIC;
SELECT hookline.ensure_partitions(3);

GRANT USAGE ON SCHEMA hookline TO hookline_service;
GRANT EXECUTE ON FUNCTION hookline.ensure_partitions(integer) TO hookline_service;
GRANT USAGE ON SEQUENCE hookline.event_position TO hookline_service;
GRANT SELECT ON ALL TABLES IN SCHEMA hookline TO hookline_service;
GRANT INSERT ON hookline.event_log, hookline.attempt_log, hookline.idempotency_key TO hookline_service;
GRANT INSERT, UPDATE ON hookline.stream_version, hookline.lease, hookline.tenant, hookline.api_key,
  hookline.subscription, hookline.rejected, hookline.dead_letter, hookline.notification TO hookline_service;
GRANT UPDATE ON hookline.subscription_epoch TO hookline_service;
GRANT INSERT, UPDATE, DELETE ON hookline.outbox, hookline.schedule, hookline.backlog, hookline.dispatcher,
  hookline.request TO hookline_service;
GRANT DELETE ON hookline.lease TO hookline_service;
`;
