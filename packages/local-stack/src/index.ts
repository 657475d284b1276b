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
export { openAuthority } from './nats/authority-store.ts';
export { removeDataDir } from './postgres/data-folder.ts';
export { isLocked } from './processes/run-record.ts';
export type { ServiceDefinition } from './services.ts';
export { findFreePortOffset, stackPorts } from './stack-ports.ts';
