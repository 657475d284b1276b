import {
  type AdminServiceService,
  CreateApiKeyRequest,
  CreateApiKeyResponse,
  type FieldViolation,
} from '@hookline/contracts';
import { type Role, requireRole } from '@hookline/credentials';
import {
  type GrpcCall,
  type GrpcImplementation,
  readPageSize,
  readPageToken,
  writePageToken,
} from '@hookline/service-runtime';
import { faultAt, refuseFaults, textFault } from '@hookline/subscriptions';
import { apiKeyNotFound } from '../domain/api-key.ts';
import { isOperator, reachTenant } from '../postgres/act.ts';
import { findApiKeyRow, listApiKeyRows } from '../postgres/api-key-rows.ts';
import { repeatable } from '../postgres/repeatable.ts';
import {
  actOf,
  expiryFault,
  pageOf,
  readReason,
  repeatableCall,
  requestIdFaults,
  required,
} from './admin-call.ts';
import type { AdminParts } from './admin-service.ts';
import { readRole, toApiKeyMessage } from './api-key-message.ts';

type Methods = GrpcImplementation<typeof AdminServiceService>;

const NAME_MAX = 200;

export function apiKeyMethods(parts: AdminParts): Methods {
  const { administration, apiKeys, onKeyRevoked } = parts;
  const { database } = administration;
  return {
    async createApiKey(request, call) {
      requireRole(call.caller, 'admin');
      return await createApiKey(parts, request, call);
    },
    async getApiKey({ id }, call) {
      requireRole(call.caller, 'admin');
      return { apiKey: toApiKeyMessage(await findWithinReach(parts, id, call)) };
    },
    async listApiKeys(request, call) {
      requireRole(call.caller, 'admin');
      const tenant = await reachTenant(database, call.caller, request.tenant);
      const { includeInactive } = request;
      const roles = request.roles.map(readRoleAt);
      const question = { tenant, roles, includeInactive };
      const [before] = readPageToken(request.pageToken, question) ?? [];
      const size = readPageSize(request.pageSize);
      const list = { ...question, ...(before !== undefined && { before }), limit: size + 1 };
      const { page, last } = pageOf(await listApiKeyRows(database, list), size);
      return {
        apiKeys: page.map((row) => toApiKeyMessage(row)),
        nextPageToken: last === undefined ? '' : writePageToken([last.key_id], question),
      };
    },
    async revokeApiKey({ id, reason }, call) {
      requireRole(call.caller, 'admin');
      const row = await findWithinReach(parts, id, call);
      const revoked = await apiKeys.revoke(row, actOf(call, readReason(reason)));
      // Told again for one that was revoked before: the first word may have been lost.
      onKeyRevoked(revoked.key_id);
      return { apiKey: toApiKeyMessage(revoked) };
    },
  };
}

async function findWithinReach({ administration }: AdminParts, id: string, { caller }: GrpcCall) {
  const row = await findApiKeyRow(administration.database.kysely, id);
  if (row === undefined) throw apiKeyNotFound();
  if (row.tenant !== caller.tenant && !isOperator(caller)) throw apiKeyNotFound();
  return row;
}

async function createApiKey(
  { administration, apiKeys }: AdminParts,
  request: CreateApiKeyRequest,
  call: GrpcCall,
): Promise<CreateApiKeyResponse> {
  const wanted = required(request.apiKey, 'api_key');
  const { expireTime, name } = wanted;
  const role = readRole(wanted.role);
  const faults: FieldViolation[] = [
    ...(role === undefined ? faultAt('api_key.role', ROLE_RULE) : []),
    ...faultAt('api_key.name', textFault(name, { max: NAME_MAX })),
    ...faultAt('api_key.expire_time', expiryFault(expireTime)),
    ...requestIdFaults(request.requestId),
  ];
  if (role === undefined || faults.length > 0) throw refuseFaults(faults);
  const { database, sealer } = administration;
  const tenant = await reachTenant(database, call.caller, wanted.tenant);
  const options = {
    call: repeatableCall(call, request, CreateApiKeyRequest),
    sealer,
    codec: CreateApiKeyResponse,
  };
  return await repeatable(options, async (memory) => {
    let response: CreateApiKeyResponse | undefined;
    await apiKeys.create(
      {
        tenant,
        role,
        name,
        creator: call.caller.keyId,
        ...(expireTime !== undefined && { expiresAt: expireTime }),
      },
      actOf(call),
      {
        before: memory.claim,
        async after(transaction, { row, secret }) {
          response = { apiKey: toApiKeyMessage(row, secret) };
          await memory.keep(transaction, response);
        },
      },
    );
    return response as CreateApiKeyResponse;
  });
}

const ROLE_RULE = 'use ROLE_ADMIN, ROLE_EDITOR, ROLE_VIEWER or ROLE_PUBLISHER';

function readRoleAt(value: number, index: number): Role {
  const role = readRole(value);
  if (role === undefined) throw refuseFaults([{ field: `roles[${index}]`, detail: ROLE_RULE }]);
  return role;
}
