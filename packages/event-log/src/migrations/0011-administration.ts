import { type Kysely, sql } from 'kysely';

/**
 * What administering needs: the tenants' data keys, the read models of API keys and agent
 * credentials, the accounts that NATS servers are told of, and the order of the audit log.
 *
 * Deleting a row of tenant_key is what makes a tenant's sealed values unreadable for good, hence
 * the one DELETE that services may do here. The audit log is the aggregates' events themselves; its
 * indexes are on the aggregates' partition alone, so that appending servers' events pays nothing.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
ALTER TABLE hookline.tenant ADD COLUMN purged_at timestamptz;
COMMENT ON COLUMN hookline.tenant.purged_at IS 'When the last of a deleted tenant was taken away; NULL with deleted_at set: it is under way.';
CREATE INDEX tenant_unpurged ON hookline.tenant (deleted_at) WHERE deleted_at IS NOT NULL AND purged_at IS NULL;

CREATE TABLE hookline.tenant_key (
  tenant text PRIMARY KEY REFERENCES hookline.tenant (name),
  data_key text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE hookline.tenant_key IS 'The random key under which a tenant''s secrets and personal data are sealed, itself sealed by the master key.';

CREATE TABLE hookline.retired_master_key (
  key_id text PRIMARY KEY,
  master_key text NOT NULL,
  retired_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE hookline.retired_master_key IS 'Older master keys, sealed by the present one: events that were sealed by them directly are never rewritten.';

ALTER TABLE hookline.api_key
  ADD COLUMN prefix text NOT NULL DEFAULT '',
  ADD COLUMN creator text NOT NULL DEFAULT 'bootstrap';

CREATE TABLE hookline.agent_credential (
  credential_id text PRIMARY KEY,
  tenant text NOT NULL REFERENCES hookline.tenant (name),
  host text NOT NULL,
  host_name text NOT NULL,
  description text NOT NULL,
  user_public_key text NOT NULL UNIQUE,
  creator text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz
);
CREATE INDEX agent_credential_tenant ON hookline.agent_credential (tenant, credential_id DESC);
CREATE INDEX agent_credential_host ON hookline.agent_credential (tenant, host);

CREATE TABLE hookline.agent_account (
  tenant text NOT NULL REFERENCES hookline.tenant (name),
  host text NOT NULL,
  public_key text NOT NULL,
  claims text NOT NULL,
  version bigint NOT NULL DEFAULT 1,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant, host)
);
COMMENT ON TABLE hookline.agent_account IS 'The signed claims of each agent''s NATS account, revocations included, as servers are told of them.';

CREATE FUNCTION hookline.audit_target(stream text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT substr(stream, strpos(stream, ':') + 1)
$$;
CREATE FUNCTION hookline.audit_actor(extensions text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT regexp_replace(extensions::jsonb ->> 'actor', '^(key|system):', '')
$$;
-- SecretRotated of a stream subscription:… is subscription.secret_rotated, with or without the
-- aggregate's name in front of the type.
CREATE FUNCTION hookline.audit_action(stream text, type text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT kind || '.' || ltrim(lower(regexp_replace(
    CASE WHEN type LIKE pascal || '_%' THEN substr(type, length(pascal) + 1) ELSE type END,
    '([A-Z])', '_\\1', 'g')), '_')
  FROM (SELECT kind, replace(initcap(replace(kind, '_', ' ')), ' ', '') AS pascal
    FROM (SELECT replace(split_part(stream, ':', 1), '-', '_') AS kind) k) n
$$;
CREATE INDEX event_log_aggregate_audit
  ON hookline.event_log_aggregate (tenant, recorded_at DESC, position DESC);
CREATE INDEX event_log_aggregate_target
  ON hookline.event_log_aggregate (tenant, hookline.audit_target(stream), recorded_at DESC, position DESC);
CREATE INDEX event_log_aggregate_actor
  ON hookline.event_log_aggregate (tenant, hookline.audit_actor(extensions), recorded_at DESC, position DESC);

GRANT SELECT ON hookline.retired_master_key TO hookline_service;
GRANT SELECT, INSERT, DELETE ON hookline.tenant_key TO hookline_service;
GRANT SELECT, INSERT, UPDATE ON hookline.agent_credential, hookline.agent_account TO hookline_service;
GRANT DELETE ON hookline.notification TO hookline_service;
`;
