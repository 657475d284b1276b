export { envToConfig, type LocalStackConfig } from './config.ts';
export { type Endpoints, type ProcessName, readEndpoints } from './endpoints.ts';
export {
  createLocalStack,
  type LocalStack,
  type LocalStackHooks,
  type RunningLocalStack,
  startLocalStack,
} from './local-stack.ts';
export { LocalStackError } from './local-stack-error.ts';
export {
  type AgentAccount,
  type AgentAccountOptions,
  type AgentName,
  agentAccountId,
  createAgentAccount,
  mintAgentCredentials,
} from './nats/agent-account.ts';
export {
  type Authority,
  type AuthorityClaims,
  createAuthority,
  mintServiceCredentials,
  mintSystemCredentials,
  signClaims,
} from './nats/authority.ts';
export { openAuthority, type StoredAuthority } from './nats/authority-store.ts';
export type { KeyHolder, UserCredentials } from './nats/keys.ts';
export { pushAccount, type SystemConnection } from './nats/push-account.ts';
export { removeDataDir } from './postgres/data-folder.ts';
export { isLocked } from './processes/run-record.ts';
export type { ServiceDefinition } from './services.ts';
export { findFreePortOffset, stackPorts } from './stack-ports.ts';
