import { AdminServiceService } from '@hookline/contracts';
import { type GrpcService, grpcService } from '@hookline/service-runtime';
import type { Administration } from '../postgres/act.ts';
import type { ApiKeyStore } from '../postgres/api-key-store.ts';
import type { TenantStore } from '../postgres/tenant-store.ts';
import { type AgentParts, agentCredentialMethods } from './agent-credential-methods.ts';
import { apiKeyMethods } from './api-key-methods.ts';
import { auditMethods } from './audit-methods.ts';
import { toCallerMessage } from './caller-message.ts';
import { tenantMethods } from './tenant-methods.ts';

export interface AdminParts {
  readonly administration: Administration;
  readonly tenants: TenantStore;
  readonly apiKeys: ApiKeyStore;
  /** Undefined: the keys of the NATS operator are not known. */
  readonly agents: AgentParts | undefined;
  /** Takes away what a deleted tenant has; resolves when it is done, or after a while. */
  readonly purge: (tenant: string) => Promise<void>;
  /** A tenant changed. */
  readonly onChange: () => void;
  /** A key opens nothing any more: every process is to forget it. */
  readonly onKeyRevoked: (keyId: string) => void;
}

/** AdminService of the contract. */
export function adminService(parts: AdminParts): GrpcService {
  return grpcService(AdminServiceService, {
    ...tenantMethods(parts),
    ...apiKeyMethods(parts),
    ...agentCredentialMethods(parts),
    ...auditMethods(parts),
    getCaller: async (_request, { caller }) => toCallerMessage(caller),
  });
}
