import { type ServiceError, status } from '@grpc/grpc-js';
import {
  DomainError,
  readErrorReason,
  readFieldViolations,
  readRetryAfterMs,
  toServiceError,
} from '@hookline/contracts';
import type { Logger } from '@hookline/telemetry';
import { toDomainError } from '../errors.ts';
import { reasonOf } from '../retry-until.ts';
import { domainErrorCodeOf, grpcStatusOf } from './grpc-status.ts';

/**
 * The error to answer with for whatever a handler threw. Refusals go out with their message, their
 * code as `google.rpc.ErrorInfo`, and `google.rpc.BadRequest` where fields are at fault; anything
 * else is logged here and goes out as INTERNAL without a word of what happened.
 */
export function toGrpcError(error: unknown, method: string, logger: Logger): ServiceError {
  const refusal = toDomainError(error);
  if (refusal === undefined) {
    logger.error({ err: error, method }, `${method} failed: ${reasonOf(error)}`);
    const message = 'an internal error, described in the log of the service';
    return toServiceError({ code: status.INTERNAL, message });
  }
  if (refusal.code === 'unavailable' && refusal.cause !== undefined) {
    logger.warn({ method }, `${method}: ${refusal.message} (${reasonOf(refusal.cause)})`);
  }
  const { code, message, fields, retryAfterMs } = refusal;
  return toServiceError({
    code: grpcStatusOf(code),
    message,
    reason: code,
    fieldViolations: fields.map(({ field, detail }) => ({ field, description: detail })),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/**
 * What a client learns from a failed call, as the DomainError that the server threw; undefined for a
 * fault of the server, and for what is no error of gRPC.
 */
export function fromGrpcError(error: unknown): DomainError | undefined {
  const { code, details } = (error ?? {}) as Partial<ServiceError>;
  if (typeof code !== 'number') return undefined;
  const general = domainErrorCodeOf(code);
  if (general === undefined) return undefined;
  // Several codes share a status; the reason tells them apart, if it fits the status.
  const reason = readErrorReason(error) as Parameters<typeof grpcStatusOf>[0] | undefined;
  const exact = reason !== undefined && grpcStatusOf(reason) === code ? reason : general;
  const fields = readFieldViolations(error).map(({ field, description }) => ({
    field,
    detail: description,
  }));
  const retryAfterMs = readRetryAfterMs(error) ?? (general === 'unavailable' ? 2_000 : undefined);
  return new DomainError(exact, details ?? 'refused', {
    fields,
    cause: error,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
