/**
 * The tables of schema `hookline`, as Kysely sees them, and the words they use.
 *
 * - event log: every event, in the order (log_epoch, transaction_id, position).
 * - line: what a server event's sequence counts in; a server, or a host for events without one.
 * - outbox: events whose first attempts are not settled yet.
 * - schedule: deliveries that wait for a further attempt, or are claimed by a dispatcher.
 * - backlog: per subscription, when the next of its waiting deliveries is due.
 */
import type { Generated } from 'kysely';

type Defaulted<T> = Generated<T>;

export interface TenantTable {
  name: string;
  tenant_id: string;
  control_domain: Defaulted<string>;
  control_name: Defaulted<string>;
  control_support_link: Defaulted<string>;
  contacts: Defaulted<string[]>;
  hook_number_last: Defaulted<number>;
  version: Defaulted<bigint>;
  subscriptions_max: bigint | null;
  subscriptions_count: Defaulted<bigint>;
  events_per_second_max: number | null;
  requests_per_second_max: number | null;
  credentials_max: bigint | null;
  custom_event_types: Defaulted<string[]>;
  strict_event_types: Defaulted<boolean>;
  created_at: Defaulted<Date>;
  updated_at: Defaulted<Date>;
  deleted_at: Date | null;
  purged_at: Defaulted<Date | null>;
}

/** The key under which what is secret or personal of a tenant is sealed; gone with the tenant. */
export interface TenantKeyTable {
  tenant: string;
  /** Sealed by the master key. */
  data_key: string;
  created_at: Defaulted<Date>;
}

/** A master key that is no longer in use, sealed by the present one. */
export interface RetiredMasterKeyTable {
  key_id: string;
  master_key: string;
  retired_at: Defaulted<Date>;
}

/** Credentials of the agent of one host, without what is secret of them. */
export interface AgentCredentialTable {
  credential_id: string;
  tenant: string;
  host: string;
  host_name: string;
  description: string;
  user_public_key: string;
  creator: string;
  created_at: Date;
  expires_at: Date | null;
  revoked_at: Date | null;
}

/** What NATS servers are told of an agent's account. */
export interface AgentAccountTable {
  tenant: string;
  host: string;
  public_key: string;
  claims: string;
  version: Defaulted<bigint>;
  updated_at: Defaulted<Date>;
}

/** When the agent of a host was last heard; working state, exact to some seconds. */
export interface AgentTable {
  tenant: string;
  host: string;
  first_seen_at: Defaulted<Date>;
  last_seen_at: Defaulted<Date>;
  last_event_at: Date | null;
  last_heartbeat_at: Date | null;
}

export interface ApiKeyTable {
  key_id: string;
  tenant: string;
  role: 'admin' | 'editor' | 'viewer' | 'publisher';
  name: string;
  key_hash: string;
  prefix: Defaulted<string>;
  creator: Defaulted<string>;
  created_at: Defaulted<Date>;
  expires_at: Date | null;
  revoked_at: Date | null;
  last_used_at: Date | null;
}

export interface SubscriptionTable {
  subscription_id: string;
  tenant: string;
  hook_number: number;
  version: bigint;
  epoch: bigint;
  matches_from_epoch: bigint;
  state: 'active' | 'paused' | 'disabled' | 'deleted';
  disabled_reason: string | null;
  disabled_at: Date | null;
  enabled_at: Date | null;
  document: string;
  created_at: Date;
  updated_at: Date;
}

export interface RequestTable {
  tenant: string;
  method: string;
  request_id: string;
  fingerprint: Buffer;
  response: string;
  created_at: Defaulted<Date>;
}

export interface EventLogTable {
  log_epoch: number;
  transaction_id: Defaulted<string>;
  position: bigint;
  kind: 'aggregate' | 'server';
  recorded_at: Date;
  stream: string;
  version: bigint;
  event_id: string;
  tenant: string;
  source: string;
  type: string;
  time: string;
  subject: string | null;
  phase: 'pre' | 'post';
  status: 'success' | 'fail' | null;
  extensions: string;
  data: string;
  schema_version: Defaulted<number>;
}

export interface StreamVersionTable {
  stream: string;
  version: bigint;
}

export interface OutboxTable {
  position: bigint;
  event_id: string;
  recorded_at: Date;
  line: string;
  sequence: bigint;
  subscription_epoch: bigint;
  swept_at: Date | null;
}

export interface LeaseTable {
  name: string;
  holder: string;
  epoch: bigint;
  expires_at: Date;
}

/** One row: how INGEST is divided among its readers, see HOOKLINE_INGEST_SHARDS. */
export interface IngestLayoutTable {
  version: bigint;
  shards: string;
  changed_at: Defaulted<Date>;
}

/** The latest reader of each shard. */
export interface IngestReaderTable {
  lease: string;
  epoch: bigint;
  progressed: Defaulted<boolean>;
  released: Defaulted<boolean>;
  crashes: Defaulted<number>;
  trying: string | null;
  started_at: Defaulted<Date>;
}

export interface RejectedTable {
  rejected_id: string;
  dedupe_key: string;
  tenant: string | null;
  host: string | null;
  channel: string;
  subject: string | null;
  headers: string;
  code: string;
  reason: string;
  payload: Buffer;
  payload_bytes: number;
  payload_sha256: Buffer;
  received_at: Defaulted<Date>;
  resolved_at: Date | null;
}

export interface AttemptLogTable {
  attempt_id: string;
  delivery_id: string;
  subscription_id: string;
  tenant: string;
  event_id: string;
  event_type: string;
  event_recorded_at: Date;
  subject: string | null;
  sequence: bigint;
  number: number;
  started_at: Date;
  duration_ms: number;
  url: string;
  outcome: string;
  http_status: number | null;
  response_body: string | null;
  response_body_encoding: string | null;
  error: string | null;
  trace_id: string;
  replay_id: string | null;
  dispatcher_id: string;
  delivery_state: string;
  next_attempt_at: Date | null;
  recorded_at: Defaulted<Date>;
  schema_version: Defaulted<number>;
}

export interface DispatcherTable {
  dispatcher_id: string;
  started_at: Defaulted<Date>;
  heartbeat_at: Defaulted<Date>;
}

export interface BacklogTable {
  subscription_id: string;
  next_due_at: Date | null;
  blocked_until: Date | null;
  waiting: bigint;
  cancelling: Defaulted<boolean>;
  probing: Defaulted<boolean>;
}

export interface EndpointStateTable {
  subscription_id: string;
  dispatcher_id: string;
  breaker: string;
  concurrency_limit: number;
  rate: number | null;
}

export interface ScheduleTable {
  delivery_id: string;
  subscription_id: string;
  tenant: string;
  event_id: string;
  event_type: string;
  event_recorded_at: Date;
  line: string;
  sequence: bigint;
  due_at: Date;
  attempts_count: number;
  attempt_number: number;
  first_attempt_at: Date | null;
  replay_id: string | null;
  claimed_by: string | null;
  claim: Defaulted<bigint>;
  claimed_at: Date | null;
  created_at: Defaulted<Date>;
  ordered: Defaulted<boolean>;
  held: Defaulted<boolean>;
}

export interface LineMarkTable {
  mark_id: Defaulted<bigint>;
  subscription_id: string;
  line: string;
  replay_id: Defaulted<string>;
  look_at: Defaulted<Date>;
  tries: Defaulted<number>;
}

export interface ReplayTable {
  replay_id: string;
  tenant: string;
  subscription_id: string;
  kind: 'events';
  start_at: Date;
  end_at: Date;
  filter: string | null;
  undelivered_only: boolean;
  description: string;
  deliveries_per_second: number | null;
  creator: string;
  state: Defaulted<'queued' | 'running' | 'completed' | 'cancelled' | 'failed'>;
  error: Defaulted<string>;
  after_position: bigint;
  total: bigint;
  scanned: Defaulted<bigint>;
  enqueued: Defaulted<bigint>;
  next_step_at: Date;
  created_at: Defaulted<Date>;
  began_at: Date | null;
  ended_at: Date | null;
}

export interface ReplaySuccessTable {
  replay_id: string;
  succeeded: bigint;
}

export interface DeadLetterTable {
  delivery_id: string;
  subscription_id: string;
  tenant: string;
  event_id: string;
  event_type: string;
  event_recorded_at: Date;
  line: string;
  sequence: bigint;
  attempts_count: number;
  cause: string;
  error: string | null;
  first_attempt_at: Date | null;
  died_at: Defaulted<Date>;
  handled_at: Date | null;
  state: Defaulted<string>;
}

/** A delivery that waited when its subscription was deleted. */
export interface CancelledDeliveryTable {
  delivery_id: string;
  subscription_id: string;
  tenant: string;
  event_id: string;
  event_type: string;
  event_recorded_at: Date;
  line: string;
  sequence: bigint;
  attempts_count: number;
  attempt_number: number;
  cancelled_at: Defaulted<Date>;
}

export interface NotificationTable {
  notification_id: string;
  dedupe_key: string;
  tenant: string;
  subscription_id: string | null;
  kind: string;
  recipients: string[];
  subject: string;
  body_text: string;
  body_html: string;
  created_at: Defaulted<Date>;
  next_try_at: Defaulted<Date>;
  tries: Defaulted<number>;
  sent_at: Date | null;
  error: string | null;
  traceparent: Defaulted<string>;
}

/** `building` is a rebuild under way, in tables of its own beside the live ones. */
export type ProjectionSlot = 'live' | 'building';

export interface ProjectionTable {
  name: string;
  slot: ProjectionSlot;
  version: number;
  checkpoint: string;
  events_count: Defaulted<bigint>;
  started_at: Defaulted<Date>;
  updated_at: Defaulted<Date>;
}

export interface ServerTable {
  tenant: string;
  server: string;
  sequence: bigint;
  last_event_id: string;
  last_type: string;
  last_phase: 'pre' | 'post';
  last_status: 'success' | 'fail' | null;
  last_time: string;
  last_recorded_at: Date;
  name: string | null;
  reported_status: string | null;
}

/** Table names are qualified: nothing depends on a search path. */
export interface HooklineSchema {
  'hookline.tenant': TenantTable;
  'hookline.tenant_key': TenantKeyTable;
  'hookline.retired_master_key': RetiredMasterKeyTable;
  'hookline.agent': AgentTable;
  'hookline.agent_credential': AgentCredentialTable;
  'hookline.agent_account': AgentAccountTable;
  'hookline.api_key': ApiKeyTable;
  'hookline.subscription': SubscriptionTable;
  'hookline.subscription_epoch': { value: bigint };
  'hookline.request': RequestTable;
  'hookline.event_log': EventLogTable;
  'hookline.stream_version': StreamVersionTable;
  'hookline.outbox': OutboxTable;
  'hookline.lease': LeaseTable;
  'hookline.ingest_layout': IngestLayoutTable;
  'hookline.ingest_reader': IngestReaderTable;
  'hookline.rejected': RejectedTable;
  'hookline.attempt_log': AttemptLogTable;
  'hookline.dispatcher': DispatcherTable;
  'hookline.backlog': BacklogTable;
  'hookline.endpoint_state': EndpointStateTable;
  'hookline.schedule': ScheduleTable;
  'hookline.line_mark': LineMarkTable;
  'hookline.replay': ReplayTable;
  'hookline.replay_success': ReplaySuccessTable;
  'hookline.dead_letter': DeadLetterTable;
  'hookline.cancelled_delivery': CancelledDeliveryTable;
  'hookline.notification': NotificationTable;
  'hookline.projection': ProjectionTable;
  'hookline.server': ServerTable;
}
