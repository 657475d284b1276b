/** Why an agent could not do what it was asked; a rejection by Hookline is an outcome, not one of these. */
export type AgentErrorCode =
  /** The credentials are no file of NATS credentials of an agent. */
  | 'invalid_credentials'
  /** The server knows the credentials no longer, or never did. */
  | 'credentials_refused'
  /** No server answered in time. */
  | 'unreachable'
  /** The event could not be put into a message. */
  | 'invalid_event'
  /** The spool has no room: publish again when earlier events are confirmed. */
  | 'spool_full'
  /** The agent was closed before the event was confirmed. */
  | 'closed';

/** The message says what is wrong and how to mend it, and never holds a secret. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly code: AgentErrorCode;

  constructor(code: AgentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
