import { hash } from 'node:crypto';
import type { Caller } from '@hookline/credentials';
import type { RejectedMessage } from '@hookline/event-log';
import { requestSpan } from '@hookline/service-runtime';
import { parseTraceparent } from '@hookline/telemetry';
import type { FastifyRequest } from 'fastify';
import type { PublicationContext } from '../domain/publication.ts';

/** A request of a publisher, as far as ingest looks at it. */
export interface Received {
  readonly caller: Caller;
  /** Without the key that may end the path. */
  readonly path: string;
  /** By lower-case name, one text each. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** The trace that its events belong to: the publisher's, else that of the request itself. */
  readonly traceparent: string;
}

/** Why nothing of a request is accepted. */
export interface Fault {
  readonly code: string;
  readonly field: string | undefined;
  readonly reason: string;
}

/** Takes of a request what ingest looks at. */
export function receivedOf(
  request: FastifyRequest,
  { caller, path }: Pick<Received, 'caller' | 'path'>,
): Received {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
  );
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const known = parseTraceparent(headers.traceparent) ?? requestSpan(request).context;
  return { caller, path, headers, body, traceparent: known.traceparent };
}

export function contextOf({ caller, traceparent }: Received): PublicationContext {
  const { tenant, keyId } = caller;
  return { tenant, keyId, traceparent, nowMs: Date.now() };
}

/** What the adapters read, and what tells who sent it; credentials are none of them. */
const KEPT_HEADERS = /^(content-(type|encoding)|user-agent|traceparent|ce-.*|x-virtfusion-.*)$/;
const HEADER_LENGTH_MAX = 1024;

/**
 * A request as it is kept when it is rejected, its secrets taken out. The same bad request of the
 * same key again is the same row: panels repeat what was refused as well.
 */
export function rejectedOf(
  received: Received,
  { code, reason }: Fault,
  redact: (json: string) => string,
): RejectedMessage {
  const { caller, path, body } = received;
  const kept = Object.entries(received.headers).flatMap(([name, value]) =>
    value !== undefined && KEPT_HEADERS.test(name)
      ? [[name, value.slice(0, HEADER_LENGTH_MAX)]]
      : [],
  );
  const telling = kept.filter(([name]) => name !== 'traceparent' && name !== 'user-agent').sort();
  const place = JSON.stringify([caller.tenant, caller.keyId, path, code, telling]);
  const digest = hash('sha256', Buffer.concat([Buffer.from(place), body]), 'hex');
  return {
    dedupeKey: `http:${digest}`,
    tenant: caller.tenant,
    channel: 'http',
    subject: path,
    headers: { ...Object.fromEntries(kept), 'hookline-key-id': caller.keyId },
    code,
    reason,
    payload: withoutSecrets(body, redact),
    received: body,
  };
}

/**
 * Works on broken JSON and broken UTF-8 as well, since Latin-1 gives every byte back. What even so
 * cannot be read as members is not kept, for nobody knows what is in it.
 */
function withoutSecrets(body: Uint8Array, redact: (json: string) => string): Uint8Array {
  try {
    return Buffer.from(redact(Buffer.from(body).toString('latin1')), 'latin1');
  } catch {
    return Buffer.alloc(0);
  }
}
