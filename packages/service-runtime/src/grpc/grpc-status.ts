import { status } from '@grpc/grpc-js';
import type { DomainErrorCode } from '@hookline/contracts';

/** The one mapping of refusal codes to gRPC status codes. */
const statusOfCode: Readonly<Record<DomainErrorCode, status>> = {
  invalid_argument: status.INVALID_ARGUMENT,
  unauthenticated: status.UNAUTHENTICATED,
  permission_denied: status.PERMISSION_DENIED,
  not_found: status.NOT_FOUND,
  already_exists: status.ALREADY_EXISTS,
  conflict: status.ABORTED,
  failed_precondition: status.FAILED_PRECONDITION,
  resource_exhausted: status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
  unimplemented: status.UNIMPLEMENTED,
  // Not RESOURCE_EXHAUSTED: the same message will be too large the next time as well.
  payload_too_large: status.INVALID_ARGUMENT,
  unsupported_media_type: status.INVALID_ARGUMENT,
};

const codeOfStatus: ReadonlyMap<number, DomainErrorCode> = new Map<number, DomainErrorCode>([
  [status.INVALID_ARGUMENT, 'invalid_argument'],
  [status.OUT_OF_RANGE, 'invalid_argument'],
  [status.UNAUTHENTICATED, 'unauthenticated'],
  [status.PERMISSION_DENIED, 'permission_denied'],
  [status.NOT_FOUND, 'not_found'],
  [status.ALREADY_EXISTS, 'already_exists'],
  [status.ABORTED, 'conflict'],
  [status.FAILED_PRECONDITION, 'failed_precondition'],
  [status.RESOURCE_EXHAUSTED, 'resource_exhausted'],
  [status.UNAVAILABLE, 'unavailable'],
  [status.DEADLINE_EXCEEDED, 'unavailable'],
  // A server that stops cuts off what takes too long; who cancels a call asks for no answer.
  [status.CANCELLED, 'unavailable'],
  [status.UNIMPLEMENTED, 'unimplemented'],
]);

export function grpcStatusOf(code: DomainErrorCode): status {
  return statusOfCode[code];
}

/** The refusal that a status stands for; undefined for faults of the other side (INTERNAL, UNKNOWN). */
export function domainErrorCodeOf(grpcStatus: number): DomainErrorCode | undefined {
  return codeOfStatus.get(grpcStatus);
}
