import {
  CreateApiKeyRequest,
  GetApiKeyRequest,
  ListApiKeysRequest,
  ListAuditRequest,
  RevokeApiKeyRequest,
  Role,
} from '@hookline/contracts';
import type { Run } from '../command/command.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { connect } from '../server/connect.ts';
import { printList } from '../server/list-pages.ts';
import { message } from '../server/request.ts';
import type {
  auditSpec,
  createKeySpec,
  getKeySpec,
  listKeysSpec,
  revokeKeySpec,
} from '../specs/admin-specs.ts';
import { auditColumns, auditJson, keyColumns, keyJson } from '../views/admin-view.ts';
import { numberOf, numbersOf } from './enums.ts';
import { present, show, told } from './show.ts';
import { inMs } from './times.ts';

export const createKey: Run<typeof createKeySpec> = async ({ options }, context) => {
  using connection = await connect(options, context);
  const request = message(CreateApiKeyRequest, {
    apiKey: {
      role: numberOf(Role, 'ROLE_', options.role),
      name: options.name,
      tenant: options.tenant,
      expireTime: inMs(options.expires),
    },
    requestId: options['request-id'],
  });
  const { apiKey } = await connection.admin.createApiKey(request, connection.call);
  show(context.output, keyJson(present(apiKey, 'the key')));
  return exitCodes.done;
};

export const listKeys: Run<typeof listKeysSpec> = async ({ options }, context) => {
  using connection = await connect(options, context);
  await printList(context, {
    limit: options.limit,
    pageToken: options['page-token'] ?? '',
    columns: keyColumns,
    async fetch(pageSize, pageToken) {
      const request = message(ListApiKeysRequest, {
        pageSize,
        pageToken,
        tenant: options.tenant,
        roles: numbersOf(Role, 'ROLE_', options.role),
        includeInactive: options.all,
      });
      const page = await connection.admin.listApiKeys(request, connection.call);
      return { items: page.apiKeys.map(keyJson), nextPageToken: page.nextPageToken };
    },
  });
  return exitCodes.done;
};

export const getKey: Run<typeof getKeySpec> = async ({ arguments: { id }, options }, context) => {
  using connection = await connect(options, context);
  const request = message(GetApiKeyRequest, { id });
  const { apiKey } = await connection.admin.getApiKey(request, connection.call);
  show(context.output, keyJson(present(apiKey, 'the key')));
  return exitCodes.done;
};

export const revokeKey: Run<typeof revokeKeySpec> = async (
  { arguments: { id }, options },
  context,
) => {
  using connection = await connect(options, context);
  const request = message(RevokeApiKeyRequest, { id, reason: options.reason });
  const { apiKey } = await connection.admin.revokeApiKey(request, connection.call);
  told(context.output, keyJson(present(apiKey, 'the key')), `${id} is revoked`);
  return exitCodes.done;
};

export const listAudit: Run<typeof auditSpec> = async ({ options }, context) => {
  using connection = await connect(options, context);
  await printList(context, {
    limit: options.limit,
    pageToken: options['page-token'] ?? '',
    columns: auditColumns,
    async fetch(pageSize, pageToken) {
      const request = message(ListAuditRequest, {
        pageSize,
        pageToken,
        tenant: options.tenant,
        actorId: options.actor,
        targetId: options.target,
        actions: [...options.action],
        startTime: options.from,
        endTime: options.to,
      });
      const page = await connection.admin.listAudit(request, connection.call);
      return { items: page.entries.map(auditJson), nextPageToken: page.nextPageToken };
    },
  });
  return exitCodes.done;
};
