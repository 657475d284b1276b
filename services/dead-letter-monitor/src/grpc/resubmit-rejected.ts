import {
  DomainError,
  decodeResubmitReply,
  encodeResubmit,
  INGEST_MESSAGE_BYTES_MAX,
  isId,
  RESUBMIT_WAIT_MS_MAX,
  type ResubmitRejectedRequest,
  type ResubmitRejectedResponse,
  type ResubmitReply,
} from '@hookline/contracts';
import type { Database, EventMetadata } from '@hookline/event-log';
import type { Reply } from '@hookline/messaging';
import { notFound, refuseUnless } from './faults.ts';

/** Asks one gateway to put a rejected message in again, and waits for its answer. */
export type AskForResubmit = (question: string, timeoutMs: number) => Promise<Reply>;

const HEADERS_MAX = 100;
const HEADERS_LENGTH_MAX = 64 * 1024;

/**
 * Has a gateway put a rejected message in again: what makes a message an event is decided in one place.
 * Repeating the call after an answer that got lost makes no second event.
 */
export async function resubmitRejected(
  { askForResubmit }: { readonly database: Database; readonly askForResubmit: AskForResubmit },
  {
    request,
    metadata,
  }: { readonly request: ResubmitRejectedRequest; readonly metadata: EventMetadata },
): Promise<ResubmitRejectedResponse> {
  const { id, type, payload, headers } = request;
  if (!isId('rej', id)) throw notFound('rejected message', id);
  const bytes = Buffer.from(payload ?? '');
  refuseUnless(bytes.length <= INGEST_MESSAGE_BYTES_MAX, {
    field: 'payload',
    detail: `has ${bytes.length} bytes; at most ${INGEST_MESSAGE_BYTES_MAX} are taken`,
  });
  if (headers !== undefined) checkHeaders(headers.headers);
  const { tenant, actor, attributes } = metadata;
  const question = encodeResubmit({
    ...{ tenant, rejectedId: id, actor },
    ...(attributes !== undefined && { attributes: { ...attributes } }),
    ...(type !== undefined && { type }),
    ...(payload !== undefined && { payload: bytes.toString('base64') }),
    ...(headers !== undefined && { headers: headers.headers }),
  });
  const reply = await askForResubmit(question, RESUBMIT_WAIT_MS_MAX);
  if (reply.kind !== 'answered') throw unavailable(reply.kind);
  return answerOf(decodeResubmitReply(reply.text), id);
}

function checkHeaders(headers: Readonly<Record<string, string>>): void {
  const entries = Object.entries(headers);
  const length = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  refuseUnless(entries.length <= HEADERS_MAX && length <= HEADERS_LENGTH_MAX, {
    field: 'headers',
    detail: `holds ${entries.length} headers of ${length} characters; at most ${HEADERS_MAX} of ${HEADERS_LENGTH_MAX} are taken`,
  });
}

function answerOf(reply: ResubmitReply, id: string): ResubmitRejectedResponse {
  switch (reply.kind) {
    case 'accepted': {
      const { eventId, position, duplicate } = reply;
      return { acceptance: { eventId, position: BigInt(position), duplicate } };
    }
    case 'invalid': {
      const { code, reason: detail } = reply;
      const field = reply.field === '' ? 'payload' : reply.field;
      throw new DomainError('invalid_argument', `it still fails a check (${code}): ${detail}`, {
        fields: [{ field, detail }],
      });
    }
    case 'refused':
      throw new DomainError('failed_precondition', reply.reason);
    case 'busy':
      throw new DomainError('resource_exhausted', reply.reason, {
        retryAfterMs: reply.retryAfterMs,
      });
    case 'not_found':
      throw notFound('rejected message', id);
    case 'failed':
      throw new DomainError('unavailable', 'the gateway could not put it in; try again', {
        retryAfterMs: 1_000,
      });
  }
}

function unavailable(kind: 'nobody' | 'late'): DomainError {
  const text =
    kind === 'nobody'
      ? 'no producer-gateway is running, or NATS is away: a gateway puts messages in; try again when one is up'
      : 'the gateway has not answered in time; try again, which makes no second event';
  return new DomainError('unavailable', text, { retryAfterMs: 2_000 });
}
