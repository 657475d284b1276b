import { type Kysely, sql } from 'kysely';

/** Backlogs in the order in which they may be tried, probes of breakers, and how endpoints are treated. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
ALTER TABLE hookline.backlog ADD COLUMN probing boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN hookline.backlog.probing IS 'Its breaker is open: the first request after blocked_until is a probe.';
-- What is held back is not passed over at each look, for a while or for ever.
DROP INDEX hookline.backlog_due;
CREATE INDEX backlog_due ON hookline.backlog (greatest(next_due_at, blocked_until))
  WHERE next_due_at IS NOT NULL;

CREATE TABLE hookline.endpoint_state (
  subscription_id text NOT NULL,
  dispatcher_id text NOT NULL,
  breaker text NOT NULL CHECK (breaker IN ('closed', 'open', 'half_open')),
  concurrency_limit integer NOT NULL,
  rate double precision,
  PRIMARY KEY (subscription_id, dispatcher_id)
) WITH (fillfactor = 70);
COMMENT ON TABLE hookline.endpoint_state IS 'How each dispatcher treats an endpoint; without a row as it treats one of which nothing is known.';
COMMENT ON COLUMN hookline.endpoint_state.rate IS 'Requests a second; NULL without a limit.';
CREATE INDEX endpoint_state_dispatcher ON hookline.endpoint_state (dispatcher_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON hookline.endpoint_state TO hookline_service;
`;
