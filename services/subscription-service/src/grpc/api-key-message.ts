import {
  type ApiKey as ApiKeyMessage,
  enumText,
  enumValue,
  Role as RoleMessage,
} from '@hookline/contracts';
import { type Role, roles } from '@hookline/credentials';
import type { ApiKeyRow } from '../postgres/api-key-rows.ts';

const MINUTE_MS = 60_000;

/** An API key as gRPC shows it; the credential only in the answer to its making. */
export function toApiKeyMessage(row: ApiKeyRow, secret = ''): ApiKeyMessage {
  return {
    id: row.key_id,
    tenant: row.tenant,
    role: enumValue(RoleMessage, 'ROLE_', row.role) ?? RoleMessage.ROLE_UNSPECIFIED,
    name: row.name,
    secret,
    prefix: row.prefix,
    creator: row.creator,
    expireTime: row.expires_at ?? undefined,
    lastUseTime: row.last_used_at === null ? undefined : toMinute(row.last_used_at),
    revokeTime: row.revoked_at ?? undefined,
    createTime: row.created_at,
  };
}

function toMinute(time: Date): Date {
  return new Date(Math.floor(time.getTime() / MINUTE_MS) * MINUTE_MS);
}

/** The role of an enum's number; undefined for UNSPECIFIED and for numbers that stand for none. */
export function readRole(value: number): Role | undefined {
  const text = enumText(RoleMessage, 'ROLE_', value);
  return roles.find((role) => role === text);
}
