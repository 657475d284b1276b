import { enumValue, type GetCallerResponse, Role } from '@hookline/contracts';
import type { Caller } from '@hookline/credentials';

/** Who calls, as gRPC says it. */
export function toCallerMessage({ keyId, tenant, role }: Caller): GetCallerResponse {
  return { keyId, tenant, role: enumValue(Role, 'ROLE_', role) ?? Role.ROLE_UNSPECIFIED };
}
