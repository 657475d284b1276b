import { ContractError } from './contract-error.ts';

/** Who published and what, as the subject alone says it. */
export interface IngestAddress {
  readonly tenant: string;
  readonly host: string;
  readonly type: string;
}

/** Longest event type, in characters. */
export const TYPE_LENGTH_MAX = 128;

/**
 * The type under which an agent says that it is there. It is no event: it is not stored in the log and
 * delivered to nobody, and over HTTP and gRPC the name is refused.
 */
export const HEARTBEAT_TYPE = 'agent.heartbeat';

const TENANT = /^[a-z0-9-]{1,40}$/;
const HOST = /^[A-Za-z0-9_-]{1,63}$/;
const TYPE = /^[a-z0-9_]+(\.[a-z0-9_]+)*$/;

/** Whether `name` can be a tenant's name. */
export function isTenantName(name: string): boolean {
  return TENANT.test(name);
}

/** Whether `name` can be a host's name: one token of a NATS subject. */
export function isHostName(name: string): boolean {
  return HOST.test(name);
}

/** Throws ContractError `invalid_type` or `reserved_type` unless publishers may use this event type. */
export function checkEventType(type: string): void {
  if (type.length > TYPE_LENGTH_MAX || !TYPE.test(type)) {
    throw new ContractError(
      'invalid_type',
      `type "${type.slice(0, TYPE_LENGTH_MAX)}" is not an event type; use segments of a-z, 0-9 and _ joined by dots, at most ${TYPE_LENGTH_MAX} characters, for instance "server.started"`,
      'type',
    );
  }
  if (type === 'hookline' || type.startsWith('hookline.')) {
    throw new ContractError(
      'reserved_type',
      `type "${type}" is reserved: events named hookline.* are made by Hookline itself`,
      'type',
    );
  }
}

/** The subject on which an agent publishes: `hv.<tenant>.<host>.<type>`. */
export function ingestSubject(address: IngestAddress): string {
  return `hv.${address.tenant}.${address.host}.${address.type}`;
}

/** Takes `hv.<tenant>.<host>.<type>` apart. Throws ContractError when a part breaks its rule. */
export function parseIngestSubject(subject: string): IngestAddress {
  const [root, tenant = '', host = '', ...rest] = subject.split('.');
  if (root !== 'hv' || rest.length === 0 || !TENANT.test(tenant) || !HOST.test(host)) {
    throw new ContractError(
      'invalid_subject',
      `subject "${subject.slice(0, 256)}" is not hv.<tenant>.<host>.<type>: tenant [a-z0-9-]{1,40}, host [A-Za-z0-9_-]{1,63}`,
      'subject',
    );
  }
  const type = rest.join('.');
  checkEventType(type);
  return { tenant, host, type };
}

/** The prefix of every inbox of one agent; its credentials may subscribe to nothing else. */
export function inboxPrefix(tenant: string, host: string): string {
  return `_INBOX_${tenant}_${host}`;
}

/** The subject by which services reach an agent's inbox across the account boundary. */
export function agentSubject(inbox: string): string {
  return `to.${inbox}`;
}

/** Whether `subject` is an inbox of this agent, without wildcards, spaces or empty tokens. */
export function isInboxOf(subject: string, agent: { tenant: string; host: string }): boolean {
  const prefix = `${inboxPrefix(agent.tenant, agent.host)}.`;
  return (
    subject.startsWith(prefix) &&
    subject.length <= 256 &&
    /^[^\s.*>]+(\.[^\s.*>]+)*$/.test(subject.slice(prefix.length))
  );
}

/** Headers of an agent's message. */
export const ingestHeaders = {
  sourceId: 'Nats-Msg-Id',
  status: 'Hookline-Status',
  phase: 'Hookline-Phase',
  subject: 'Hookline-Subject',
  time: 'Hookline-Time',
  confirmTo: 'Hookline-Confirm-To',
  traceparent: 'traceparent',
} as const;

/** Subjects of the messages between services. */
export const subjects = {
  ingest: 'hv.>',
  events: 'events.batch',
  subscriptionChanged: 'subscriptions.changed',
  deadLettered: 'dlq.dead',
  rejected: 'rejected.ingest',
  /** An API key was revoked, a tenant deleted: core NATS, lossy. */
  credentialsChanged: 'credentials.changed',
  /** Asks a dispatcher to ping an endpoint: core NATS, request and reply. Agents cannot reach it. */
  ping: 'requests.ping',
  /** Asks a gateway to put a rejected message in again: core NATS, request and reply. */
  resubmit: 'requests.resubmit',
  /** Tells every dispatcher that somebody tails a tenant's attempts: core NATS, answered by each. */
  tails: 'requests.tails',
  /** Live attempts for tails: core NATS, lossy. */
  attempts: (tenant: string, subscriptionId: string) => `attempts.${tenant}.${subscriptionId}`,
} as const;
