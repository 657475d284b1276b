export {
  bearerApiKey,
  type Caller,
  hashApiKey,
  isApiKey,
  newApiKey,
  type Role,
  roles,
} from './api-key.ts';
export { hasRole, requireRole } from './require-role.ts';
export { createSealer, SealError, type Sealer } from './sealer.ts';
export {
  type ApiKeyVerifier,
  type ApiKeyVerifierOptions,
  createApiKeyVerifier,
  type Query,
} from './verifier.ts';
