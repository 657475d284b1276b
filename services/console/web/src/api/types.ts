/** What the API answers, as docs/rest.md has it. */

export type Role = 'admin' | 'editor' | 'viewer';

export interface SessionJson {
  readonly key_id: string;
  readonly tenant: string;
  readonly role: Role;
  readonly csrf_token: string;
  readonly expires_at: string;
}

export interface RetryJson {
  readonly preset?: string;
  readonly delays_seconds?: readonly number[];
  readonly jitter?: number;
  readonly attempts_max?: number;
  readonly disable?: boolean;
}

export interface AuthJson {
  readonly bearer?: { readonly token?: string; readonly base64?: boolean };
  readonly basic?: { readonly username: string; readonly password?: string };
  readonly header?: { readonly name: string; readonly value?: string };
}

export interface WebhookJson {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly format: string;
  readonly state: 'active' | 'paused' | 'disabled';
  readonly disabled_reason: string | null;
  readonly retry: RetryJson;
  readonly created_at: string;
  readonly updated_at: string;
  readonly etag: string;
  readonly secret?: string;
  readonly statuses?: readonly string[];
  readonly phases?: readonly string[];
  readonly description?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly auth?: AuthJson;
  readonly options?: Readonly<Record<string, string>>;
  readonly notification_emails?: readonly string[];
  readonly missed_since?: string | null;
}

export interface AttemptJson {
  readonly id: string;
  readonly number: number;
  readonly started_at: string;
  readonly duration_ms: number | null;
  readonly url: string;
  readonly outcome: string;
  readonly http_status: number | null;
  readonly response_body: string;
  readonly response_body_encoding: 'text' | 'base64';
  readonly error: string | null;
  readonly trace_id: string | null;
  readonly replay_id: string | null;
}

export interface DeliveryJson {
  readonly id: string;
  readonly event_id: string;
  readonly webhook_id: string;
  readonly type: string;
  readonly state: string;
  readonly attempts_count: number;
  readonly next_attempt_at: string | null;
  readonly created_at: string;
  readonly last_attempt?: AttemptJson | null;
  readonly attempts?: readonly AttemptJson[];
}

export interface EventJson {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly subject?: string;
  readonly phase: 'pre' | 'post';
  readonly status?: 'success' | 'fail';
  readonly sequence: string;
  readonly accepted_at: string;
  readonly data?: unknown;
}

export interface EventTypeJson {
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly group: string;
  readonly source_names: readonly { readonly format: string; readonly name: string }[];
  readonly example_data?: object;
}

export interface FormatJson {
  readonly name: string;
  readonly audience: 'program' | 'people';
  readonly needs_bearer_token: boolean;
  readonly options: readonly FormatOptionJson[];
}

export interface FormatOptionJson {
  readonly name: string;
  readonly description: string;
  readonly default: string;
  readonly is_required: boolean;
}

export interface DeadLetterJson {
  readonly id: string;
  readonly event_id: string;
  readonly webhook_id: string | null;
  readonly type: string;
  readonly subject: string | null;
  readonly state: string;
  readonly cause: string;
  readonly attempts_count: number;
  readonly last_attempt: AttemptJson | null;
  readonly suggestion: string;
  readonly created_at: string;
  readonly attempts?: readonly AttemptJson[];
  readonly event?: EventJson | null;
}

export interface IncidentJson {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly summary: string;
  readonly suggestion: string;
  readonly webhook_id: string | null;
  readonly count: number;
  readonly first_at: string;
  readonly last_at: string;
}

export interface RejectedJson {
  readonly id: string;
  readonly host: string | null;
  readonly address: string | null;
  readonly code: string;
  readonly reason: string;
  readonly suggestion: string;
  readonly state: string;
  readonly payload: string;
  readonly payload_encoding: 'text' | 'base64';
  readonly received_at: string;
}

export interface ReplayJson {
  readonly id: string;
  readonly kind: 'events' | 'dead_letters';
  readonly webhook_id?: string;
  readonly from?: string;
  readonly to?: string;
  readonly state: string;
  readonly description: string;
  readonly error: string | null;
  readonly creator: string;
  readonly created_at: string;
  readonly ended_at: string | null;
  readonly progress: ReplayProgressJson;
}

export interface ReplayProgressJson {
  readonly total_count: number;
  readonly scanned_count: number;
  readonly enqueued_count: number;
  readonly succeeded_count: number;
  readonly failed_count: number;
}

export interface OverviewJson {
  readonly time: string;
  readonly events_count: number;
  readonly attempts_count: number;
  readonly succeeded_count: number;
  readonly is_estimate: boolean;
  readonly latency_p50_ms: number | null;
  readonly latency_p95_ms: number | null;
  readonly latency_p99_ms: number | null;
  readonly waiting_count: number;
  readonly more_are_waiting: boolean;
  readonly dead_letters_count: number;
  readonly more_are_dead: boolean;
  readonly stretches: readonly StretchJson[];
}

export interface StretchJson {
  readonly start_at: string;
  readonly events_count: number | null;
  readonly attempts_count: number;
  readonly succeeded_count: number;
  readonly latency_p50_ms: number | null;
  readonly latency_p95_ms: number | null;
}

export interface LiveAttemptJson extends AttemptJson {
  readonly delivery_id: string;
  readonly event_id: string;
  readonly webhook_id: string;
  readonly type: string;
}

export interface AgentJson {
  readonly id: string;
  readonly host_name: string;
  readonly host: string;
  readonly description: string;
  readonly publish_prefix: string;
  readonly expires_at: string | null;
  readonly last_seen_at: string | null;
  readonly revoked_at: string | null;
  readonly created_at: string;
  readonly creds?: string;
  readonly nats_urls?: readonly string[];
  readonly inbox_prefix: string;
}

export interface KeyJson {
  readonly id: string;
  readonly role: string;
  readonly name: string;
  readonly prefix: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  readonly revoked_at: string | null;
  readonly created_at: string;
  readonly key?: string;
}

export interface AuditJson {
  readonly id: string;
  readonly time: string;
  readonly actor: {
    readonly id: string;
    readonly name: string | null;
    readonly remote_address: string | null;
  };
  readonly action: string;
  readonly target_id: string;
  readonly reason: string | null;
  readonly changes: Readonly<Record<string, unknown>>;
}

export interface HealthJson {
  readonly state: string;
  readonly disabled_reason: string | null;
  readonly breaker_state: string;
  readonly blocked_until: string | null;
  readonly requests_per_second_limit: number;
  readonly waiting_count: number;
  readonly oldest_waiting_at: string | null;
  readonly next_attempt_at: string | null;
  readonly dead_letters_count: number;
  readonly consecutive_failures_count: number;
  readonly last_success_at: string | null;
  readonly last_failure_at: string | null;
  readonly statistics: readonly StatisticsJson[];
  readonly blocked_lines: readonly BlockedLineJson[];
}

export interface BlockedLineJson {
  readonly subject: string | null;
  readonly delivery_id: string;
  readonly sequence: string;
  readonly waiting_count: number;
  readonly blocked_at: string | null;
  readonly next_attempt_at: string | null;
}

export interface StatisticsJson {
  readonly window_seconds: number;
  readonly attempts_count: number;
  readonly succeeded_count: number;
  readonly latency_p50_ms: number | null;
  readonly latency_p95_ms: number | null;
  readonly latency_p99_ms: number | null;
}
