import { type Kysely, sql } from 'kysely';

/** What a tenant may use, which of its event types are its own, and when each of its agents was heard. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
ALTER TABLE hookline.tenant
  ADD COLUMN version bigint NOT NULL DEFAULT 1,
  ADD COLUMN subscriptions_max bigint CHECK (subscriptions_max >= 0),
  ADD COLUMN events_per_second_max double precision CHECK (events_per_second_max > 0),
  ADD COLUMN requests_per_second_max double precision CHECK (requests_per_second_max > 0),
  ADD COLUMN credentials_max bigint CHECK (credentials_max >= 0),
  ADD COLUMN custom_event_types text[] NOT NULL DEFAULT '{}',
  ADD COLUMN strict_event_types boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN hookline.tenant.subscriptions_max IS 'Quota; NULL, here and in its siblings, is the default of the installation.';

CREATE TABLE hookline.agent (
  tenant text NOT NULL,
  host text NOT NULL,
  first_seen_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  last_event_at timestamptz,
  last_heartbeat_at timestamptz,
  PRIMARY KEY (tenant, host)
) WITH (fillfactor = 70);
COMMENT ON TABLE hookline.agent IS 'Working state: when the agent of each host was last heard, to some seconds; seen is the later of event and heartbeat.';

GRANT INSERT, UPDATE, DELETE ON hookline.agent TO hookline_service;
GRANT SELECT ON hookline.agent TO hookline_service;
`;
