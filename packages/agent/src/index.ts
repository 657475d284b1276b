export { type Agent, connectAgent } from './agent.ts';
export type { AgentIdentity } from './agent-credentials.ts';
export { AgentError, type AgentErrorCode } from './agent-error.ts';
export type { AgentOptions, ConnectionChange, HeartbeatOptions } from './agent-options.ts';
export type { PublishOutcome } from './confirmation.ts';
export { type AgentEvent, PAYLOAD_BYTES_MAX } from './event-message.ts';
