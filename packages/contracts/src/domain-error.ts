/** Why a command was refused. One file maps these to gRPC status codes, one to HTTP. */
export type DomainErrorCode =
  | 'invalid_argument'
  | 'unauthenticated'
  | 'permission_denied'
  | 'not_found'
  | 'already_exists'
  | 'conflict'
  | 'failed_precondition'
  | 'resource_exhausted'
  | 'unavailable'
  | 'unimplemented'
  | 'payload_too_large'
  | 'unsupported_media_type';

/** One field at fault: `field` is its path as the client wrote it, `detail` says what would be right. */
export interface FieldViolation {
  readonly field: string;
  readonly detail: string;
}

export interface DomainErrorOptions {
  readonly fields?: readonly FieldViolation[];
  /** How long the client had better wait before it tries again, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/**
 * A command refused for a reason its caller can act on.
 *
 * The message and the fields are shown to the caller: they say what is wrong and how to mend it,
 * and never hold a secret. `conflict` is for an etag that no longer matches (ABORTED over gRPC,
 * 412 over HTTP); `failed_precondition` for a state that forbids the command.
 */
export class DomainError extends Error {
  readonly code: DomainErrorCode;
  readonly fields: readonly FieldViolation[];
  readonly retryAfterMs: number | undefined;

  constructor(code: DomainErrorCode, message: string, options: DomainErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DomainError';
    this.code = code;
    this.fields = options.fields ?? [];
    this.retryAfterMs = options.retryAfterMs;
  }
}
