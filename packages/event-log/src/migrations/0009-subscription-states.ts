import { type Kysely, sql } from 'kysely';

/**
 * When subscriptions were disabled and enabled, how many a tenant has, deliveries that were cancelled,
 * and reading the events of aggregates.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
ALTER TABLE hookline.subscription ADD COLUMN disabled_at timestamptz, ADD COLUMN enabled_at timestamptz;
COMMENT ON COLUMN hookline.subscription.enabled_at IS 'When it was last re-enabled; NULL when it never was.';
UPDATE hookline.subscription SET disabled_at = updated_at WHERE state = 'disabled';

ALTER TABLE hookline.tenant ADD COLUMN subscriptions_count bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN hookline.tenant.subscriptions_count IS 'Those not deleted, kept by every creation and deletion under the lock of this row.';
UPDATE hookline.tenant t SET subscriptions_count = s.count FROM (
  SELECT tenant, count(*) AS count FROM hookline.subscription WHERE state <> 'deleted' GROUP BY tenant) s
WHERE s.tenant = t.name;

ALTER TABLE hookline.backlog ADD COLUMN cancelling boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN hookline.backlog.cancelling IS 'Its subscription is deleted: what waits is to be cancelled.';
CREATE INDEX backlog_cancelling ON hookline.backlog (subscription_id) WHERE cancelling;
-- Backlogs of paused and disabled subscriptions are due all the time; no look should pass over them.
DROP INDEX hookline.backlog_due;
CREATE INDEX backlog_due ON hookline.backlog (next_due_at)
  WHERE next_due_at IS NOT NULL AND blocked_until IS DISTINCT FROM 'infinity'::timestamptz;
CREATE INDEX schedule_oldest ON hookline.schedule (subscription_id, event_recorded_at);

CREATE TABLE hookline.cancelled_delivery (
  delivery_id text PRIMARY KEY,
  subscription_id text NOT NULL,
  tenant text NOT NULL,
  event_id text NOT NULL,
  event_type text NOT NULL,
  event_recorded_at timestamptz NOT NULL,
  line text NOT NULL,
  sequence bigint NOT NULL,
  attempts_count integer NOT NULL,
  attempt_number integer NOT NULL,
  cancelled_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE hookline.cancelled_delivery IS 'Deliveries that waited when their subscription was deleted.';
CREATE INDEX cancelled_delivery_tenant ON hookline.cancelled_delivery (tenant, delivery_id);

-- As read_log, of the partition of aggregates alone.
CREATE FUNCTION hookline.read_aggregates(after_epoch integer, after_transaction xid8, after_position bigint,
  events_max integer)
RETURNS SETOF hookline.event_log LANGUAGE sql STABLE
SET enable_sort = off SET enable_seqscan = off SET enable_bitmapscan = off AS $$
  SELECT * FROM hookline.event_log
  WHERE kind = 'aggregate'
    AND (log_epoch, transaction_id, position) > (after_epoch, after_transaction, after_position)
    AND (log_epoch, transaction_id) <
      ((SELECT value FROM hookline.log_epoch), pg_snapshot_xmin(pg_current_snapshot()))
  ORDER BY log_epoch, transaction_id, position LIMIT events_max
$$;

GRANT SELECT, INSERT, DELETE ON hookline.cancelled_delivery TO hookline_service;
`;
