import { type Kysely, sql } from 'kysely';

/**
 * What becomes of dead letters and rejected messages: incidents they belong to, redrives that try them
 * again, discarding, putting in again; and who was told of an incident.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(`${deadLetters}${incidents}${redrives}${rejected}`).execute(db);
}

/**
 * The time of a change of state is set by a trigger, so that no statement can forget it: dispatchers,
 * the monitor and the retention functions all move dead letters.
 */
const deadLetters = `
ALTER TABLE hookline.dead_letter
  ADD COLUMN incident_id text,
  ADD COLUMN replay_id text,
  ADD COLUMN discard_reason text,
  ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN hookline.dead_letter.changed_at IS 'When its state last changed, or it died again.';
CREATE FUNCTION hookline.dead_letter_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.changed_at := now();
  IF NEW.state <> 'discarded' THEN NEW.discard_reason := NULL; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER dead_letter_changed BEFORE UPDATE ON hookline.dead_letter FOR EACH ROW
  WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.died_at IS DISTINCT FROM NEW.died_at)
  EXECUTE FUNCTION hookline.dead_letter_changed();
CREATE INDEX dead_letter_unhandled_of ON hookline.dead_letter (subscription_id, died_at) WHERE handled_at IS NULL;
CREATE INDEX dead_letter_unsettled ON hookline.dead_letter (tenant, died_at DESC, delivery_id DESC)
  WHERE state IN ('open', 'redriving');
CREATE INDEX dead_letter_redrivable ON hookline.dead_letter (subscription_id, died_at, delivery_id)
  WHERE state IN ('open', 'discarded');
CREATE INDEX dead_letter_incident ON hookline.dead_letter (incident_id) WHERE state IN ('open', 'redriving');
`;

const incidents = `
CREATE TABLE hookline.incident (
  incident_id text PRIMARY KEY,
  tenant text NOT NULL,
  kind text NOT NULL,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'resolved')),
  group_key text NOT NULL,
  subscription_id text,
  host text,
  cause text NOT NULL,
  outcome text,
  summary text NOT NULL,
  suggestion text NOT NULL,
  count bigint NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  resolved_at timestamptz,
  told_at timestamptz,
  missed_since timestamptz,
  probe_at timestamptz,
  probes integer NOT NULL DEFAULT 0,
  probed_at timestamptz
);
COMMENT ON COLUMN hookline.incident.group_key IS 'What makes it one incident: of those open, one has it.';
COMMENT ON COLUMN hookline.incident.told_at IS 'When people were last told of it, or of the one before it of the same group.';
COMMENT ON COLUMN hookline.incident.missed_since IS 'Of a disabled subscription: from when on events are missed.';
COMMENT ON COLUMN hookline.incident.probe_at IS 'When to ask the endpoint of its disabled subscription again.';
COMMENT ON COLUMN hookline.incident.probed_at IS 'When a probe succeeded, which enables its subscription.';
CREATE UNIQUE INDEX incident_open ON hookline.incident (tenant, group_key) WHERE state = 'open';
CREATE INDEX incident_group ON hookline.incident (tenant, group_key, last_at);
CREATE INDEX incident_listed ON hookline.incident (tenant, last_at DESC, incident_id DESC);
CREATE INDEX incident_kind ON hookline.incident (kind) WHERE state = 'open';
CREATE INDEX incident_subscription ON hookline.incident (subscription_id) WHERE state = 'open';
CREATE INDEX incident_probe ON hookline.incident (probe_at) WHERE state = 'open' AND probe_at IS NOT NULL;
CREATE INDEX incident_resolved ON hookline.incident (resolved_at) WHERE state = 'resolved';
GRANT SELECT, INSERT, UPDATE, DELETE ON hookline.incident TO hookline_service;
GRANT SELECT ON SEQUENCE hookline.event_position TO hookline_service;

ALTER TABLE hookline.notification ADD COLUMN incident_id text, ADD COLUMN tried_at timestamptz;
CREATE INDEX notification_incident ON hookline.notification (incident_id, created_at DESC) WHERE incident_id IS NOT NULL;
CREATE INDEX notification_created ON hookline.notification (created_at);
`;

/** A redrive goes by subscription, so that an endpoint that takes nothing holds up no other. */
const redrives = `
ALTER TABLE hookline.replay
  DROP CONSTRAINT replay_kind_check,
  ALTER COLUMN subscription_id DROP NOT NULL,
  ALTER COLUMN start_at DROP NOT NULL,
  ALTER COLUMN end_at DROP NOT NULL,
  ADD COLUMN selection bytea,
  ADD CONSTRAINT replay_kind_check CHECK (CASE kind
    WHEN 'events' THEN subscription_id IS NOT NULL AND start_at IS NOT NULL AND end_at IS NOT NULL
    WHEN 'dead_letters' THEN selection IS NOT NULL ELSE false END);
COMMENT ON COLUMN hookline.replay.selection IS 'Of a redrive: hookline.v1.DeadLetterSelection, encoded.';
CREATE TABLE hookline.redrive_part (
  replay_id text NOT NULL REFERENCES hookline.replay (replay_id),
  subscription_id text NOT NULL,
  after_died_at timestamptz NOT NULL DEFAULT '-infinity',
  after_delivery_id text NOT NULL DEFAULT '',
  next_step_at timestamptz NOT NULL DEFAULT now(),
  done boolean NOT NULL DEFAULT false,
  PRIMARY KEY (replay_id, subscription_id)
);
COMMENT ON TABLE hookline.redrive_part IS 'How far a redrive has come with the dead letters of each subscription.';
CREATE INDEX redrive_part_open ON hookline.redrive_part (replay_id, next_step_at) WHERE NOT done;
CREATE INDEX redrive_part_subscription ON hookline.redrive_part (subscription_id);
GRANT SELECT, INSERT, UPDATE ON hookline.redrive_part TO hookline_service;
`;

const rejected = `
ALTER TABLE hookline.rejected ADD COLUMN handled_at timestamptz, ADD COLUMN event_id text;
CREATE INDEX rejected_unhandled ON hookline.rejected (received_at) WHERE handled_at IS NULL;
CREATE INDEX rejected_open ON hookline.rejected (tenant, code, received_at) WHERE resolved_at IS NULL;
GRANT UPDATE ON hookline.rejected TO hookline_service;
`;
