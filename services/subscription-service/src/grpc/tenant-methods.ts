import {
  type AdminServiceService,
  CreateTenantRequest,
  CreateTenantResponse,
  DomainError,
  type UpdateTenantRequest,
} from '@hookline/contracts';
import { requireRole } from '@hookline/credentials';
import {
  type GrpcCall,
  type GrpcImplementation,
  readPageSize,
  readPageToken,
  writePageToken,
} from '@hookline/service-runtime';
import { faultAt, refuseFaults } from '@hookline/subscriptions';
import { checkTenantChanges, checkTenantName } from '../domain/check-tenant.ts';
import {
  noSettings,
  type TenantChanges,
  type TenantSettings,
  tenantNotFound,
} from '../domain/tenant.ts';
import { isOperator } from '../postgres/act.ts';
import { insertFirstKey, mintApiKey } from '../postgres/api-key-store.ts';
import { repeatable } from '../postgres/repeatable.ts';
import { findTenantRow, listTenantRows, viewOfTenantRow } from '../postgres/tenant-rows.ts';
import { actOf, pageOf, repeatableCall, requestIdFaults, required } from './admin-call.ts';
import type { AdminParts } from './admin-service.ts';
import { toApiKeyMessage } from './api-key-message.ts';
import { readTenantChanges, toTenantMessage } from './tenant-message.ts';

type Methods = GrpcImplementation<typeof AdminServiceService>;

const FIRST_KEY_NAME = 'first admin key';

export function tenantMethods(parts: AdminParts): Methods {
  const { administration, tenants, purge, onChange } = parts;
  const { database } = administration;
  return {
    async createTenant(request, call) {
      requireOperator(call);
      return await createTenant(parts, request, call);
    },
    async getTenant({ id }, call) {
      requireRole(call.caller, 'admin');
      return { tenant: toTenantMessage(viewOfTenantRow(await findWithinReach(parts, id, call))) };
    },
    async listTenants({ pageSize, pageToken, name }, call) {
      requireRole(call.caller, 'admin');
      const own = isOperator(call.caller) ? name : call.caller.tenant;
      const question = { name };
      const [after = ''] = readPageToken(pageToken, question) ?? [];
      const size = readPageSize(pageSize);
      const hidden = name !== '' && name !== own;
      const rows = hidden
        ? []
        : await listTenantRows(database, { name: own, after, limit: size + 1 });
      const { page, last } = pageOf(rows, size);
      return {
        tenants: page.map((row) => toTenantMessage(viewOfTenantRow(row))),
        nextPageToken: last === undefined ? '' : writePageToken([last.name], question),
      };
    },
    async updateTenant(request, call) {
      requireRole(call.caller, 'admin');
      const tenant = await updateTenant(parts, request, call);
      onChange();
      return { tenant: toTenantMessage(tenant) };
    },
    async deleteTenant({ id, confirmName, etag }, call) {
      requireOperator(call);
      const name = await tenants.delete({ id, confirmName, etag }, actOf(call));
      await purge(name);
      return {};
    },
  };
}

function requireOperator({ caller }: GrpcCall): void {
  requireRole(caller, 'admin');
  if (isOperator(caller)) return;
  throw new DomainError(
    'permission_denied',
    'only the operator, an admin of tenant "default", creates and deletes tenants',
  );
}

async function findWithinReach({ administration }: AdminParts, id: string, { caller }: GrpcCall) {
  const row = await findTenantRow(administration.database.kysely, id);
  if (row === undefined) throw tenantNotFound();
  if (row.name !== caller.tenant && !isOperator(caller)) throw tenantNotFound();
  return row;
}

async function createTenant(
  { administration, tenants }: AdminParts,
  request: CreateTenantRequest,
  call: GrpcCall,
): Promise<CreateTenantResponse> {
  const wanted = required(request.tenant, 'tenant');
  const { changes } = readTenantChanges(wanted, ['*']);
  const faults = [...checkTenantName(wanted.name), ...checkTenantChanges(changes)];
  if (faults.length > 0) throw refuseFaults(faults, 'tenant.');
  const idFaults = requestIdFaults(request.requestId);
  if (idFaults.length > 0) throw refuseFaults(idFaults);
  const act = actOf(call);
  const { sealer, now } = administration;
  const options = {
    call: repeatableCall(call, request, CreateTenantRequest),
    sealer,
    codec: CreateTenantResponse,
  };
  return await repeatable(options, async (memory) => {
    let response: CreateTenantResponse | undefined;
    await tenants.create({ name: wanted.name, settings: settingsOf(changes) }, act, {
      before: memory.claim,
      async after(transaction, { tenant, key }) {
        const minted = mintApiKey(
          {
            tenant: tenant.name,
            role: 'admin',
            name: FIRST_KEY_NAME,
            creator: call.caller.keyId,
          },
          now(),
        );
        const { row, secret } = await insertFirstKey(transaction, minted, {
          sealer: key.sealer,
          act,
        });
        response = { tenant: toTenantMessage(tenant), adminKey: toApiKeyMessage(row, secret) };
        await memory.keep(transaction, response);
      },
    });
    return response as CreateTenantResponse;
  });
}

function settingsOf({ quotas, ...others }: TenantChanges): TenantSettings {
  const given = Object.entries(quotas ?? {}).filter(([, value]) => value !== null);
  return { ...noSettings, ...others, quotas: Object.fromEntries(given) };
}

async function updateTenant(parts: AdminParts, request: UpdateTenantRequest, call: GrpcCall) {
  const wanted = required(request.tenant, 'tenant');
  const row = await findWithinReach(parts, wanted.id, call);
  const { changes, faults: maskFaults } = readTenantChanges(wanted, request.updateMask);
  const fixed =
    wanted.name !== '' && wanted.name !== row.name
      ? faultAt('tenant.name', 'a tenant keeps its name; leave it out, or send the one it has')
      : [];
  const faults = checkTenantChanges(changes).map(({ field, detail }) => ({
    field: `tenant.${field}`,
    detail,
  }));
  const all = [...maskFaults, ...fixed, ...faults];
  if (all.length > 0) throw refuseFaults(all);
  return await parts.tenants.update(
    { id: wanted.id, etag: wanted.etag },
    { changes, byOperator: isOperator(call.caller) },
    actOf(call),
  );
}
