/** The tables of what failed, as Kysely sees them: rejected messages, dead letters, incidents, redrives. */
import type { Generated } from 'kysely';

type Defaulted<T> = Generated<T>;

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
  /** When the monitor counted it in an incident. */
  handled_at: Date | null;
  /** What it became when it was put in again. */
  event_id: string | null;
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
  incident_id: string | null;
  /** The redrive that tries or tried it again. */
  replay_id: string | null;
  discard_reason: string | null;
  changed_at: Defaulted<Date>;
}

/** Trouble of one kind with one cause, however often it shows. */
export interface IncidentTable {
  incident_id: string;
  tenant: string;
  kind: string;
  state: Defaulted<'open' | 'resolved'>;
  group_key: string;
  subscription_id: string | null;
  host: string | null;
  cause: string;
  outcome: string | null;
  summary: string;
  suggestion: string;
  count: bigint;
  first_at: Date;
  last_at: Date;
  resolved_at: Date | null;
  told_at: Date | null;
  missed_since: Date | null;
  probe_at: Date | null;
  probes: Defaulted<number>;
  probed_at: Date | null;
}

/** How far a redrive has come with the dead letters of one subscription. */
export interface RedrivePartTable {
  replay_id: string;
  subscription_id: string;
  after_died_at: Defaulted<Date>;
  after_delivery_id: Defaulted<string>;
  next_step_at: Defaulted<Date>;
  done: Defaulted<boolean>;
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
  incident_id: string | null;
  tried_at: Date | null;
  traceparent: Defaulted<string>;
}
