import {
  type AdminServiceService,
  type AgentCredential as AgentCredentialMessage,
  CreateAgentCredentialRequest,
  CreateAgentCredentialResponse,
  DomainError,
  type FieldViolation,
  inboxPrefix,
  isHostName,
} from '@hookline/contracts';
import { requireRole } from '@hookline/credentials';
import {
  type GrpcCall,
  type GrpcImplementation,
  readPageSize,
  readPageToken,
  writePageToken,
} from '@hookline/service-runtime';
import { faultAt, refuseFaults, textFault } from '@hookline/subscriptions';
import { notConfigured } from '../agents/account-server.ts';
import type { AgentServers } from '../agents/agent-servers.ts';
import { agentCredentialNotFound, hostTokenOf } from '../domain/agent-credential.ts';
import { isOperator, reachTenant } from '../postgres/act.ts';
import {
  type AgentCredentialRow,
  findAgentCredentialRow,
  listAgentCredentialRows,
} from '../postgres/agent-credential-rows.ts';
import type { AgentCredentialStore } from '../postgres/agent-credential-store.ts';
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

type Methods = GrpcImplementation<typeof AdminServiceService>;

/** What managing agents needs, where the keys of the NATS operator are known. */
export interface AgentParts {
  readonly store: AgentCredentialStore;
  readonly servers: AgentServers;
  /** Where agents connect to. */
  readonly natsUrls: readonly string[];
}

const DESCRIPTION_MAX = 200;
/** Of a domain name; its token is shorter. */
const HOST_NAME_MAX = 253;

export function agentCredentialMethods(parts: AdminParts): Methods {
  const { database } = parts.administration;
  return {
    async createAgentCredential(request, call) {
      requireRole(call.caller, 'admin');
      return await createAgentCredential(parts, request, call);
    },
    async getAgentCredential({ id }, call) {
      requireRole(call.caller, 'admin');
      return { agentCredential: toMessage(await findWithinReach(parts, id, call)) };
    },
    async listAgentCredentials(request, call) {
      requireRole(call.caller, 'admin');
      const tenant = await reachTenant(database, call.caller, request.tenant);
      const { host, includeInactive } = request;
      const question = { tenant, host, includeInactive };
      const [before] = readPageToken(request.pageToken, question) ?? [];
      const size = readPageSize(request.pageSize);
      const list = { ...question, ...(before !== undefined && { before }), limit: size + 1 };
      const { page, last } = pageOf(await listAgentCredentialRows(database, list), size);
      return {
        agentCredentials: page.map(toMessage),
        nextPageToken: last === undefined ? '' : writePageToken([last.credential_id], question),
      };
    },
    async revokeAgentCredential({ id, reason }, call) {
      requireRole(call.caller, 'admin');
      const row = await findWithinReach(parts, id, call);
      const { store, servers } = requireAgents(parts);
      await store.revoke(row, actOf(call, readReason(reason)));
      await servers.push(row).catch(explainUntold);
      return { agentCredential: toMessage(await findWithinReach(parts, id, call)) };
    },
  };
}

function requireAgents({ agents }: AdminParts): AgentParts {
  if (agents === undefined) throw notConfigured();
  return agents;
}

/** The revocation is committed by then, and NATS is told as soon as it is back. */
function explainUntold(error: unknown): never {
  if (!(error instanceof DomainError) || error.code !== 'unavailable') throw error;
  throw new DomainError(
    'unavailable',
    'the revocation is on record, but the NATS server cannot be told at the moment: it will be as soon as it is back; call again to be sure',
    { retryAfterMs: 2_000, cause: error },
  );
}

async function findWithinReach({ administration }: AdminParts, id: string, { caller }: GrpcCall) {
  const row = await findAgentCredentialRow(administration.database.kysely, id);
  if (row === undefined) throw agentCredentialNotFound();
  if (row.tenant !== caller.tenant && !isOperator(caller)) throw agentCredentialNotFound();
  return row;
}

function faultsOf(request: CreateAgentCredentialRequest): FieldViolation[] {
  const { hostName, description, expireTime } = required(
    request.agentCredential,
    'agent_credential',
  );
  const within = (field: string) => `agent_credential.${field}`;
  const host =
    textFault(hostName, { min: 1, max: HOST_NAME_MAX }) ??
    (isHostName(hostTokenOf(hostName))
      ? undefined
      : 'its token must have 1 to 63 characters of A-Z, a-z, 0-9, _ and -; dots become -');
  return [
    ...faultAt(within('host_name'), host),
    ...faultAt(within('description'), textFault(description, { max: DESCRIPTION_MAX })),
    ...faultAt(within('expire_time'), expiryFault(expireTime)),
    ...requestIdFaults(request.requestId),
  ];
}

async function createAgentCredential(
  parts: AdminParts,
  request: CreateAgentCredentialRequest,
  call: GrpcCall,
): Promise<CreateAgentCredentialResponse> {
  const faults = faultsOf(request);
  if (faults.length > 0) throw refuseFaults(faults);
  const wanted = required(request.agentCredential, 'agent_credential');
  const { hostName, description, expireTime } = wanted;
  const { database, sealer } = parts.administration;
  const tenant = await reachTenant(database, call.caller, wanted.tenant);
  const { store, natsUrls } = requireAgents(parts);
  const options = {
    call: repeatableCall(call, request, CreateAgentCredentialRequest),
    sealer,
    codec: CreateAgentCredentialResponse,
  };
  return await repeatable(options, async (memory) => {
    let response: CreateAgentCredentialResponse | undefined;
    await store.create(
      {
        tenant,
        hostName,
        description,
        creator: call.caller.keyId,
        ...(expireTime !== undefined && { expiresAt: expireTime }),
      },
      actOf(call),
      {
        before: memory.claim,
        async after(transaction, { row, creds }) {
          response = { agentCredential: toMessage(row), creds, natsUrls: [...natsUrls] };
          await memory.keep(transaction, response);
        },
      },
    );
    return response as CreateAgentCredentialResponse;
  });
}

function toMessage(row: AgentCredentialRow): AgentCredentialMessage {
  const { tenant, host } = row;
  return {
    id: row.credential_id,
    tenant,
    hostName: row.host_name,
    host,
    description: row.description,
    publishPrefix: `hv.${tenant}.${host}.`,
    inboxPrefix: inboxPrefix(tenant, host),
    userPublicKey: row.user_public_key,
    creator: row.creator,
    expireTime: row.expires_at ?? undefined,
    lastSeenTime: row.last_event_at ?? undefined,
    revokeTime: row.revoked_at ?? undefined,
    createTime: row.created_at,
  };
}
