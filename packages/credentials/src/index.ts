export {
  apiKeyPrefix,
  bearerApiKey,
  type Caller,
  hashApiKey,
  isApiKey,
  newApiKey,
  type Role,
  roles,
} from './api-key.ts';
export { hasRole, requireRole } from './require-role.ts';
export { createSealer, parseMasterKey, type Sealer } from './sealer.ts';
export { isSealed, SealError, ShreddedError, sealingKeyOf } from './sealing-key.ts';
export { readRetiredKeys, retiredContext } from './tenant-keys.ts';
export {
  createTenantSealer,
  keyContext,
  type NewTenantKey,
  openTenantSealer,
  type TenantSealer,
  type TenantSealerOptions,
} from './tenant-sealer.ts';
export {
  type ApiKeyVerifier,
  type ApiKeyVerifierOptions,
  createApiKeyVerifier,
  type Query,
} from './verifier.ts';
