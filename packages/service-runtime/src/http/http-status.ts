import type { DomainErrorCode } from '@hookline/contracts';

/** The one mapping of refusal codes to HTTP status codes. */
const statusOfCode: Readonly<Record<DomainErrorCode, number>> = {
  invalid_argument: 400,
  unauthenticated: 401,
  permission_denied: 403,
  not_found: 404,
  already_exists: 409,
  failed_precondition: 409,
  // An etag that no longer matches `If-Match` (RFC 9110, 13.1.1).
  conflict: 412,
  payload_too_large: 413,
  unsupported_media_type: 415,
  resource_exhausted: 429,
  unimplemented: 501,
  unavailable: 503,
};

export function httpStatusOf(code: DomainErrorCode): number {
  return statusOfCode[code];
}
