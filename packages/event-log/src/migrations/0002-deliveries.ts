import { type Kysely, sql } from 'kysely';

/**
 * What happens to events: the append-only log of attempts, the schedule of deliveries that wait
 * with one backlog row per subscription, the dispatchers that hold claims, and dead letters.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
CREATE TABLE hookline.attempt_log (
  attempt_id text NOT NULL,
  delivery_id text NOT NULL,
  subscription_id text NOT NULL,
  tenant text NOT NULL,
  event_id text NOT NULL,
  event_type text NOT NULL,
  event_recorded_at timestamptz NOT NULL,
  subject text,
  sequence bigint NOT NULL,
  number integer NOT NULL,
  started_at timestamptz NOT NULL,
  duration_ms double precision NOT NULL,
  url text NOT NULL,
  outcome text NOT NULL,
  http_status smallint,
  response_body text,
  response_body_encoding text,
  error text,
  trace_id text NOT NULL,
  replay_id text,
  dispatcher_id text NOT NULL,
  delivery_state text NOT NULL,
  next_attempt_at timestamptz,
  recorded_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now()),
  schema_version smallint NOT NULL DEFAULT 1
) PARTITION BY RANGE (recorded_at);
CREATE INDEX attempt_log_tenant ON hookline.attempt_log (tenant, delivery_id);
CREATE INDEX attempt_log_subscription ON hookline.attempt_log (subscription_id, delivery_id);
CREATE INDEX attempt_log_recent ON hookline.attempt_log (subscription_id, recorded_at);
SELECT hookline.make_append_only('hookline.attempt_log');

CREATE TABLE hookline.dispatcher (
  dispatcher_id text PRIMARY KEY,
  started_at timestamptz NOT NULL DEFAULT now(),
  heartbeat_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE hookline.backlog (
  subscription_id text PRIMARY KEY,
  next_due_at timestamptz,
  blocked_until timestamptz,
  waiting bigint NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX backlog_due ON hookline.backlog (next_due_at) WHERE next_due_at IS NOT NULL;

CREATE TABLE hookline.schedule (
  delivery_id text PRIMARY KEY,
  subscription_id text NOT NULL,
  tenant text NOT NULL,
  event_id text NOT NULL,
  event_type text NOT NULL,
  event_recorded_at timestamptz NOT NULL,
  line text NOT NULL,
  sequence bigint NOT NULL,
  due_at timestamptz NOT NULL,
  attempts_count integer NOT NULL,
  attempt_number integer NOT NULL,
  first_attempt_at timestamptz,
  replay_id text,
  claimed_by text,
  claim bigint NOT NULL DEFAULT 0,
  claimed_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);
COMMENT ON COLUMN hookline.schedule.attempts_count IS 'Attempts that count for the retry policy.';
COMMENT ON COLUMN hookline.schedule.attempt_number IS 'Attempts on record, those of unknown outcome included.';
CREATE INDEX schedule_due ON hookline.schedule (subscription_id, due_at) WHERE claimed_by IS NULL;
CREATE INDEX schedule_claimed ON hookline.schedule (claimed_by) WHERE claimed_by IS NOT NULL;

CREATE TABLE hookline.dead_letter (
  delivery_id text PRIMARY KEY,
  subscription_id text NOT NULL,
  tenant text NOT NULL,
  event_id text NOT NULL,
  event_type text NOT NULL,
  event_recorded_at timestamptz NOT NULL,
  line text NOT NULL,
  sequence bigint NOT NULL,
  attempts_count integer NOT NULL,
  cause text NOT NULL,
  error text,
  first_attempt_at timestamptz,
  died_at timestamptz NOT NULL DEFAULT now(),
  handled_at timestamptz,
  state text NOT NULL DEFAULT 'open'
);
CREATE INDEX dead_letter_tenant ON hookline.dead_letter (tenant, died_at DESC);
CREATE INDEX dead_letter_subscription ON hookline.dead_letter (subscription_id, died_at DESC);
CREATE INDEX dead_letter_unhandled ON hookline.dead_letter (died_at) WHERE handled_at IS NULL;

CREATE TABLE hookline.notification (
  notification_id text PRIMARY KEY,
  dedupe_key text NOT NULL UNIQUE,
  tenant text NOT NULL,
  subscription_id text,
  kind text NOT NULL,
  recipients text[] NOT NULL,
  subject text NOT NULL,
  body_text text NOT NULL,
  body_html text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  next_try_at timestamptz NOT NULL DEFAULT now(),
  tries integer NOT NULL DEFAULT 0,
  sent_at timestamptz,
  error text
);
CREATE INDEX notification_unsent ON hookline.notification (next_try_at) WHERE sent_at IS NULL;
`;
