/** Why a request was refused, and the HTTP status to answer it with. */
const STATUS_BY_CODE = {
  /** A header that proves the sender is not there. */
  missing_header: 401,
  /** None of the signatures is of one of the secrets over these bytes. */
  signature_mismatch: 401,
  /** The `Authorization` header is not that of the token. */
  authorization_mismatch: 401,
  /** Signed longer ago than the tolerance: a replayed request, or a clock that is wrong. */
  timestamp_too_old: 401,
  /** Signed further ahead than the tolerance: a clock that is wrong. */
  timestamp_too_new: 401,
  /** A header that cannot be read: a timestamp that is no number, an id with a dot. */
  invalid_header: 400,
  body_not_json: 400,
  /** JSON, but not what this format has. */
  body_unexpected: 400,
  /** The connection ended before the body did. */
  body_incomplete: 400,
  body_too_large: 413,
  /** The body was given parsed: a fault of the receiver's own set-up. */
  body_not_raw: 500,
} as const;

export type WebhookErrorCode = keyof typeof STATUS_BY_CODE;

/**
 * A request that is not to be believed or cannot be read. The message is for the receiver's log: it
 * says what is wrong and what would be right, and never holds a secret or a signature. The status is
 * what to answer; Hookline keeps it with the attempt and tries again by the subscription's policy.
 */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
  readonly code: WebhookErrorCode;
  readonly status: number;

  constructor(code: WebhookErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.status = STATUS_BY_CODE[code];
  }
}
