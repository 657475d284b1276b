import { type Kysely, sql } from 'kysely';

/**
 * Tenants, API keys, and the read model of subscriptions. Every change of a subscription takes the
 * next value of the one epoch row in its transaction; that lock makes epoch order commit order.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
CREATE TABLE hookline.tenant (
  name text PRIMARY KEY,
  tenant_id text NOT NULL UNIQUE,
  control_domain text NOT NULL DEFAULT '',
  control_name text NOT NULL DEFAULT '',
  control_support_link text NOT NULL DEFAULT '',
  contacts text[] NOT NULL DEFAULT '{}',
  hook_number_last integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz
);

CREATE TABLE hookline.api_key (
  key_id text PRIMARY KEY,
  tenant text NOT NULL REFERENCES hookline.tenant (name),
  role text NOT NULL CHECK (role IN ('admin', 'editor', 'viewer', 'publisher')),
  name text NOT NULL,
  key_hash text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);
CREATE INDEX api_key_tenant ON hookline.api_key (tenant, created_at);

CREATE TABLE hookline.subscription_epoch (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  value bigint NOT NULL
);
INSERT INTO hookline.subscription_epoch (value) VALUES (0);

CREATE TABLE hookline.subscription (
  subscription_id text PRIMARY KEY,
  tenant text NOT NULL REFERENCES hookline.tenant (name),
  hook_number integer NOT NULL,
  version bigint NOT NULL,
  epoch bigint NOT NULL,
  matches_from_epoch bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('active', 'paused', 'disabled', 'deleted')),
  disabled_reason text,
  document text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (tenant, hook_number)
);
COMMENT ON COLUMN hookline.subscription.document IS 'JSON of the settings; secrets in it are sealed.';
COMMENT ON COLUMN hookline.subscription.matches_from_epoch IS 'Events accepted under an older epoch are not for it: set at creation and at re-enabling.';
CREATE INDEX subscription_epoch_order ON hookline.subscription (epoch);
CREATE INDEX subscription_tenant ON hookline.subscription (tenant, subscription_id DESC) WHERE state <> 'deleted';

CREATE TABLE hookline.request (
  tenant text NOT NULL,
  method text NOT NULL,
  request_id text NOT NULL,
  fingerprint bytea NOT NULL,
  response text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant, method, request_id)
);
COMMENT ON TABLE hookline.request IS 'First answers by request_id; the response is sealed, since it may hold a secret.';
`;
