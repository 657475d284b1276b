import { Metadata, type ServiceError, type status } from '@grpc/grpc-js';
import type { Any } from './gen/google/protobuf/any.ts';
import { BadRequest, ErrorInfo, RetryInfo } from './gen/google/rpc/error_details.ts';
import { Status } from './gen/google/rpc/status.ts';
import { durationFromMs, durationToMs } from './grpc-duration.ts';

/** The trailer that carries an encoded `google.rpc.Status`. */
const STATUS_DETAILS = 'grpc-status-details-bin';
const TYPE_URL = 'type.googleapis.com/';
/** The domain of `google.rpc.ErrorInfo`: who defines the reasons. */
const ERROR_DOMAIN = 'hookline';

/**
 * Some clients take at most 8 KiB of response headers altogether (grpc-java's default) and show
 * that refusal in place of a larger error. The message travels twice and the details in base64:
 * with these bounds an error takes at most 6.5 KiB.
 */
const MESSAGE_LENGTH_MAX = 1_000;
const VIOLATIONS_BYTES_MAX = 3_000;

export interface GrpcFieldViolation {
  /** The field's path in the request, such as `subscription.filter.types[0]`. */
  readonly field: string;
  /** What is wrong and what would be right. */
  readonly description: string;
}

export interface ServiceErrorInput {
  readonly code: status;
  /** What is wrong and how to mend it, for people. Cut after 1,000 characters. */
  readonly message: string;
  /** Every faulty field, as `google.rpc.BadRequest`. What exceeds 3,000 bytes is left out, and said. */
  readonly fieldViolations?: readonly GrpcFieldViolation[];
  /** A stable code for programs, as `google.rpc.ErrorInfo`. */
  readonly reason?: string;
  /** Further facts for programs, by name, as `google.rpc.ErrorInfo`. Sent only with a reason. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** How long to wait before another try, in milliseconds, as `google.rpc.RetryInfo`. */
  readonly retryAfterMs?: number;
}

function pack<T>(
  type: string,
  codec: { encode(message: T): { finish(): Uint8Array } },
  message: T,
): Any {
  return { typeUrl: `${TYPE_URL}${type}`, value: Buffer.from(codec.encode(message).finish()) };
}

function boundViolations(violations: readonly GrpcFieldViolation[]): GrpcFieldViolation[] {
  const kept: GrpcFieldViolation[] = [];
  let bytes = 0;
  for (const { field, description } of violations) {
    bytes += Buffer.byteLength(field) + Buffer.byteLength(description) + 16;
    if (bytes > VIOLATIONS_BYTES_MAX) break;
    kept.push({ field, description });
  }
  const leftOut = violations.length - kept.length;
  if (leftOut > 0) kept.push({ field: '', description: `and ${leftOut} more faults` });
  return kept;
}

function detailsOf(input: ServiceErrorInput): Any[] {
  const details: Any[] = [];
  if (input.reason !== undefined) {
    const info = { reason: input.reason, domain: ERROR_DOMAIN, metadata: { ...input.metadata } };
    details.push(pack('google.rpc.ErrorInfo', ErrorInfo, info));
  }
  if (input.fieldViolations !== undefined && input.fieldViolations.length > 0) {
    const violations = boundViolations(input.fieldViolations);
    const fieldViolations = violations.map((violation) => ({
      ...violation,
      reason: '',
      localizedMessage: undefined,
    }));
    details.push(pack('google.rpc.BadRequest', BadRequest, { fieldViolations }));
  }
  if (input.retryAfterMs !== undefined) {
    const retryInfo = { retryDelay: durationFromMs(input.retryAfterMs) };
    details.push(pack('google.rpc.RetryInfo', RetryInfo, retryInfo));
  }
  return details;
}

/**
 * An error for a grpc-js handler to answer with. What programs need travels as a `google.rpc.Status`
 * in the trailer `grpc-status-details-bin`, which the libraries of all languages read.
 */
export function toServiceError(input: ServiceErrorInput): ServiceError {
  const message = input.message.slice(0, MESSAGE_LENGTH_MAX);
  const details = detailsOf(input);
  const metadata = new Metadata();
  if (details.length > 0) {
    const encoded = Status.encode({ code: input.code, message, details }).finish();
    metadata.set(STATUS_DETAILS, Buffer.from(encoded));
  }
  return Object.assign(new Error(message), { code: input.code, details: message, metadata });
}

/** The details of one type within an error. Whatever cannot be read counts as absent. */
function readDetail<T>(
  error: unknown,
  type: string,
  codec: { decode(input: Uint8Array): T },
): T | undefined {
  const metadata = (error as Partial<ServiceError> | null | undefined)?.metadata;
  if (!(metadata instanceof Metadata)) return undefined;
  const encoded = metadata.get(STATUS_DETAILS)[0];
  if (!(encoded instanceof Uint8Array)) return undefined;
  try {
    const { details } = Status.decode(encoded);
    const found = details.find((detail) => detail.typeUrl === `${TYPE_URL}${type}`);
    return found === undefined ? undefined : codec.decode(found.value);
  } catch {
    return undefined;
  }
}

/** The faulty fields that an error names; none when it names none or did not come over gRPC. */
export function readFieldViolations(error: unknown): GrpcFieldViolation[] {
  const badRequest = readDetail(error, 'google.rpc.BadRequest', BadRequest);
  const violations = badRequest?.fieldViolations ?? [];
  return violations.map(({ field, description }) => ({ field, description }));
}

/** The stable code for programs that an error carries, if it carries one of Hookline's. */
export function readErrorReason(error: unknown): string | undefined {
  const info = readDetail(error, 'google.rpc.ErrorInfo', ErrorInfo);
  return info?.domain === ERROR_DOMAIN ? info.reason : undefined;
}

/** The further facts for programs that an error carries beside its reason. */
export function readErrorMetadata(error: unknown): Record<string, string> {
  return readDetail(error, 'google.rpc.ErrorInfo', ErrorInfo)?.metadata ?? {};
}

/** How long an error asks to wait before another try, in milliseconds, if it asks for that. */
export function readRetryAfterMs(error: unknown): number | undefined {
  const delay = readDetail(error, 'google.rpc.RetryInfo', RetryInfo)?.retryDelay;
  return delay === undefined ? undefined : durationToMs(delay);
}
