export {
  type AgentAccount,
  type AgentAccountOptions,
  type AgentName,
  agentAccountId,
  createAgentAccount,
  EVERY_USER,
  mintAgentCredentials,
} from './agent-account.ts';
export {
  type Authority,
  type AuthorityClaims,
  createAuthority,
  mintServiceCredentials,
  mintSystemCredentials,
  signClaims,
} from './authority.ts';
export { type ReadCredentials, readCredentials } from './credentials-file.ts';
export type { KeyHolder, UserCredentials } from './keys.ts';
export { AccountRefusedError, pushAccount, type SystemConnection } from './push-account.ts';
export { isStoredAuthority, readAuthority, type StoredAuthority } from './stored-authority.ts';
