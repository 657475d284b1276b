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
  type AgentName,
  type Authority,
  type AuthorityClaims,
  createAuthority,
  type KeyHolder,
  mintAgentCredentials,
  mintServiceCredentials,
  signClaims,
} from './nats/authority.ts';
export { openAuthority, type StoredAuthority } from './nats/authority-store.ts';
export { removeDataDir } from './postgres/data-folder.ts';
export { isLocked } from './processes/run-record.ts';
export type { ServiceDefinition } from './services.ts';
export { findFreePortOffset, stackPorts } from './stack-ports.ts';
