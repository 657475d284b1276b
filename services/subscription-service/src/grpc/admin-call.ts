import { DomainError, type FieldViolation } from '@hookline/contracts';
import { fingerprintOf, type RepeatableCall } from '@hookline/event-log';
import type { GrpcCall } from '@hookline/service-runtime';
import { faultAt, refuseFaults, textFault } from '@hookline/subscriptions';
import { parseTraceparent } from '@hookline/telemetry';
import type { Act } from '../postgres/act.ts';
import type { MessageCodec } from '../postgres/repeatable.ts';

const REQUEST_ID_MAX = 128;
const REASON_MAX = 500;

/** What the audit log keeps of a call. */
export function actOf(call: GrpcCall, reason = ''): Act {
  const traceId = parseTraceparent(call.traceparent)?.traceId;
  return {
    actor: `key:${call.caller.keyId}`,
    remoteAddress: call.remoteAddress,
    ...(traceId !== undefined && { traceId }),
    ...(reason !== '' && { reason }),
  };
}

/** @throws DomainError for a reason that is too long */
export function readReason(reason: string): string {
  const faults = faultAt('reason', textFault(reason, { max: REASON_MAX, multiline: true }));
  if (faults.length > 0) throw refuseFaults(faults);
  return reason;
}

export function requestIdFaults(requestId: string): FieldViolation[] {
  return faultAt('request_id', textFault(requestId, { max: REQUEST_ID_MAX }));
}

/** The call that a request id makes repeatable; undefined without one. */
export function repeatableCall<R extends { readonly requestId: string }>(
  call: GrpcCall,
  request: R,
  codec: Pick<MessageCodec<R>, 'encode'>,
): RepeatableCall | undefined {
  if (request.requestId === '') return undefined;
  return {
    tenant: call.caller.tenant,
    method: call.method.split('/')[2] ?? call.method,
    requestId: request.requestId,
    fingerprint: fingerprintOf(Buffer.from(codec.encode(request).finish()).toString('base64')),
  };
}

/** The fault of a time at which credentials shall stop to work. */
export function expiryFault(expireTime: Date | undefined): string | undefined {
  if (expireTime === undefined || expireTime.getTime() > Date.now()) return undefined;
  return Number.isNaN(expireTime.getTime())
    ? 'it is no time that can be kept; use one of the years 1 to 9999'
    : 'it lies in the past; give a time to come, or leave it out for never';
}

/** The next page's token, where there is a next page: rows are read one further than the page. */
export function pageOf<R>(
  rows: readonly R[],
  pageSize: number,
): { page: R[]; last: R | undefined } {
  const page = rows.slice(0, pageSize);
  return { page, last: rows.length > pageSize ? page.at(-1) : undefined };
}

/** @throws DomainError `invalid_argument` for a request without the message it is about */
export function required<T>(message: T | undefined, field: string): T {
  if (message !== undefined) return message;
  const detail = 'it is missing; give it';
  throw new DomainError('invalid_argument', `${field}: ${detail}`, { fields: [{ field, detail }] });
}
