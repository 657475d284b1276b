import { type Kysely, sql } from 'kysely';

/**
 * Lines of ordered subscriptions in the schedule, with the marks that say which line to look at; and
 * replays: durable jobs that put past events into the schedule again.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(`${lines}${replays}${reading}`).execute(db);
}

/**
 * Whatever puts an ordered row into the schedule or takes one away leaves a mark in the same commit,
 * by triggers, so that no statement can forget it: completion, cancelling, expiry, skipping. A mark is
 * a row of its own that nobody updates, so that marking neither waits nor deadlocks.
 */
const lines = `
ALTER TABLE hookline.schedule
  ADD COLUMN ordered boolean NOT NULL DEFAULT false,
  ADD COLUMN held boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN hookline.schedule.ordered IS 'One of a line: sent when nothing of its line comes before it.';
COMMENT ON COLUMN hookline.schedule.held IS 'Not due whatever due_at says: not at the head of its line yet or, with due_at infinity, at the head and blocked.';
DROP INDEX hookline.schedule_due;
CREATE INDEX schedule_due ON hookline.schedule (subscription_id, due_at) WHERE claimed_by IS NULL AND NOT held;
CREATE INDEX schedule_line ON hookline.schedule (subscription_id, line, (coalesce(replay_id, '')), sequence)
  WHERE ordered;
CREATE INDEX schedule_failing ON hookline.schedule (subscription_id, first_attempt_at)
  WHERE ordered AND first_attempt_at IS NOT NULL;

CREATE TABLE hookline.line_mark (
  mark_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  subscription_id text NOT NULL,
  line text NOT NULL,
  replay_id text NOT NULL DEFAULT '',
  look_at timestamptz NOT NULL DEFAULT now(),
  tries smallint NOT NULL DEFAULT 0
);
COMMENT ON TABLE hookline.line_mark IS 'Lines whose head may have changed; a mark goes when the line has been looked at.';
CREATE INDEX line_mark_look ON hookline.line_mark (look_at);

CREATE FUNCTION hookline.mark_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed hookline.schedule := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
  INSERT INTO hookline.line_mark (subscription_id, line, replay_id)
  VALUES (changed.subscription_id, changed.line, coalesce(changed.replay_id, ''));
  RETURN NULL;
END $$;
CREATE TRIGGER schedule_line_grows AFTER INSERT ON hookline.schedule
  FOR EACH ROW WHEN (NEW.ordered) EXECUTE FUNCTION hookline.mark_line();
CREATE TRIGGER schedule_line_shrinks AFTER DELETE ON hookline.schedule
  FOR EACH ROW WHEN (OLD.ordered) EXECUTE FUNCTION hookline.mark_line();

GRANT SELECT, INSERT, UPDATE, DELETE ON hookline.line_mark TO hookline_service;
`;

const replays = `
CREATE TABLE hookline.replay (
  replay_id text PRIMARY KEY,
  tenant text NOT NULL REFERENCES hookline.tenant (name),
  subscription_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('events')),
  start_at timestamptz NOT NULL,
  end_at timestamptz NOT NULL,
  filter text,
  undelivered_only boolean NOT NULL,
  description text NOT NULL,
  deliveries_per_second double precision,
  creator text NOT NULL,
  state text NOT NULL DEFAULT 'queued'
    CHECK (state IN ('queued', 'running', 'completed', 'cancelled', 'failed')),
  error text NOT NULL DEFAULT '',
  after_position bigint NOT NULL,
  total bigint NOT NULL,
  scanned bigint NOT NULL DEFAULT 0,
  enqueued bigint NOT NULL DEFAULT 0,
  next_step_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  began_at timestamptz,
  ended_at timestamptz
);
COMMENT ON COLUMN hookline.replay.filter IS 'JSON; NULL is the filter of the subscription.';
COMMENT ON COLUMN hookline.replay.after_position IS 'The checkpoint: events up to here have been looked at.';
CREATE INDEX replay_tenant ON hookline.replay (tenant, replay_id DESC);
CREATE INDEX replay_open ON hookline.replay (next_step_at) WHERE state IN ('queued', 'running');

CREATE TABLE hookline.replay_success (
  replay_id text PRIMARY KEY,
  succeeded bigint NOT NULL
) WITH (fillfactor = 70);
COMMENT ON TABLE hookline.replay_success IS 'How many deliveries of a replay have come home; apart from hookline.replay, whose row a step locks.';
CREATE INDEX schedule_replay ON hookline.schedule (replay_id) WHERE replay_id IS NOT NULL;

GRANT SELECT, INSERT, UPDATE ON hookline.replay, hookline.replay_success TO hookline_service;
`;

/** What listing deliveries of one tenant or subscription goes by, newest first. */
const reading = `
CREATE INDEX schedule_tenant ON hookline.schedule (tenant, delivery_id);
CREATE INDEX attempt_log_failures ON hookline.attempt_log (tenant, delivery_id) WHERE outcome <> 'succeeded';
CREATE INDEX dead_letter_listed ON hookline.dead_letter (tenant, delivery_id);
`;
