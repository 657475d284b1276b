import {
  type AgentCredential,
  type ApiKey,
  type AuditEntry,
  Role,
  type Tenant,
} from '@hookline/contracts';
import type { Column } from '../output/table.ts';
import { type Json, number, shortTime, shown, timeOrNull, word } from './shared.ts';

export function tenantJson(tenant: Tenant): Json {
  const { quotas } = tenant;
  return {
    id: tenant.id,
    name: tenant.name,
    control_name: tenant.controlName,
    control_domain: tenant.controlDomain,
    control_support_link: tenant.controlSupportLink,
    contacts: tenant.contacts,
    quotas: {
      subscriptions_max: orNull(quotas?.subscriptionsMax),
      events_per_second_max: quotas?.eventsPerSecondMax ?? null,
      requests_per_second_max: quotas?.requestsPerSecondMax ?? null,
      credentials_max: orNull(quotas?.credentialsMax),
    },
    custom_event_types: tenant.customEventTypes,
    strict_event_types: tenant.strictEventTypes,
    etag: tenant.etag,
    create_time: timeOrNull(tenant.createTime),
    update_time: timeOrNull(tenant.updateTime),
  };
}

function orNull(value: bigint | undefined): number | null {
  return value === undefined ? null : number(value);
}

export const tenantColumns: readonly Column<Json>[] = [
  { title: 'TENANT', text: (tenant) => shown(tenant, 'id') },
  { title: 'NAME', text: (tenant) => shown(tenant, 'name') },
  { title: 'CREATED', text: (tenant) => shortTime(tenant, 'create_time') },
  { title: 'CONTACTS', text: (tenant) => shown(tenant, 'contacts'), canShrink: true },
];

/** `secret` is there only where the server fills it: when the key was just made. */
export function keyJson(key: ApiKey): Json {
  return {
    id: key.id,
    tenant: key.tenant,
    role: word(Role, 'ROLE_', key.role),
    name: key.name,
    ...(key.secret !== '' && { secret: key.secret }),
    prefix: key.prefix,
    creator: key.creator,
    expire_time: timeOrNull(key.expireTime),
    last_use_time: timeOrNull(key.lastUseTime),
    revoke_time: timeOrNull(key.revokeTime),
    create_time: timeOrNull(key.createTime),
  };
}

export const keyColumns: readonly Column<Json>[] = [
  { title: 'KEY', text: (key) => shown(key, 'id') },
  { title: 'ROLE', text: (key) => shown(key, 'role') },
  { title: 'PREFIX', text: (key) => shown(key, 'prefix') },
  { title: 'NAME', text: (key) => shown(key, 'name'), canShrink: true },
  { title: 'LAST USED', text: (key) => shortTime(key, 'last_use_time') },
  { title: 'EXPIRES', text: (key) => shortTime(key, 'expire_time') },
  { title: 'REVOKED', text: (key) => shortTime(key, 'revoke_time') },
];

export function agentJson(agent: AgentCredential): Json {
  return {
    id: agent.id,
    tenant: agent.tenant,
    host_name: agent.hostName,
    host: agent.host,
    description: agent.description,
    publish_prefix: agent.publishPrefix,
    inbox_prefix: agent.inboxPrefix,
    user_public_key: agent.userPublicKey,
    creator: agent.creator,
    expire_time: timeOrNull(agent.expireTime),
    last_seen_time: timeOrNull(agent.lastSeenTime),
    revoke_time: timeOrNull(agent.revokeTime),
    create_time: timeOrNull(agent.createTime),
  };
}

export const agentColumns: readonly Column<Json>[] = [
  { title: 'AGENT', text: (agent) => shown(agent, 'id') },
  { title: 'HOST', text: (agent) => shown(agent, 'host') },
  { title: 'LAST SEEN', text: (agent) => shortTime(agent, 'last_seen_time') },
  { title: 'EXPIRES', text: (agent) => shortTime(agent, 'expire_time') },
  { title: 'REVOKED', text: (agent) => shortTime(agent, 'revoke_time') },
  { title: 'DESCRIPTION', text: (agent) => shown(agent, 'description'), canShrink: true },
];

export function auditJson(entry: AuditEntry): Json {
  const { actor } = entry;
  return {
    id: entry.id,
    time: timeOrNull(entry.time),
    actor_id: actor?.id ?? '',
    actor_name: actor?.name ?? '',
    remote_address: actor?.remoteAddress ?? '',
    action: entry.action,
    target_id: entry.targetId,
    reason: entry.reason,
    changes: entry.changes ?? {},
    trace_id: entry.traceId,
  };
}

export const auditColumns: readonly Column<Json>[] = [
  { title: 'TIME', text: (entry) => shortTime(entry, 'time') },
  { title: 'WHO', text: (entry) => shown(entry, entry.actor_name ? 'actor_name' : 'actor_id') },
  { title: 'FROM', text: (entry) => shown(entry, 'remote_address') },
  { title: 'ACTION', text: (entry) => shown(entry, 'action') },
  { title: 'TARGET', text: (entry) => shown(entry, 'target_id') },
  { title: 'WHY', text: (entry) => shown(entry, 'reason'), canShrink: true },
];
