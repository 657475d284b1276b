import {
  ContractError,
  checkEventType,
  ingestSubject,
  type ResubmitRequest,
} from '@hookline/contracts';
import { type EventToAppend, idempotencyKey, ownKey } from '@hookline/event-log';
import { newTraceparent, parseTraceparent } from '@hookline/telemetry';
import { normaliseMessage } from './domain/ingest-message.ts';
import { ingestSources, type Read } from './http/ingest-sources.ts';
import type { RejectedRow } from './rejected-row.ts';

type Corrections = Pick<ResubmitRequest, 'type' | 'payload' | 'headers'>;

/** Under which a rejected request keeps whose key it came with. */
const KEY_ID_HEADER = 'hookline-key-id';

/**
 * The events of a rejected message, corrected: made by the same checks as when it came, for the same
 * principal. What gives no time of its own keeps the time at which it was received, and what gives no
 * id is named by the rejected message, so that putting it in twice makes one event.
 */
export function resubmittedEvents(
  row: RejectedRow,
  corrections: Corrections,
  redact: (json: string) => string,
): Read {
  const read = row.channel === 'nats' ? ofNats(row, corrections) : ofHttp(row, corrections, redact);
  if (read.kind === 'fault') return read;
  const time = row.received_at.toISOString();
  return { kind: 'events', events: read.events.map((event) => ({ time, ...event })) };
}

function ofNats(row: RejectedRow, corrections: Corrections): Read {
  const [, createdAtMs = '0', sequence = '0'] = row.dedupe_key.split(':');
  try {
    const normalised = normaliseMessage(
      {
        subject: subjectOf(row, corrections.type),
        headers: headersOf(row, corrections),
        data: payloadOf(row, corrections),
        streamSequence: Number(sequence),
        streamCreatedAt: new Date(Number(createdAtMs)),
      },
      Date.now(),
    );
    if (normalised.kind === 'accepted') return { kind: 'events', events: [normalised.event] };
    if (normalised.kind === 'rejected') return { ...normalised, kind: 'fault', field: undefined };
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    return { kind: 'fault', code: error.code, field: error.field, reason: error.message };
  }
  const reason = 'it is a heartbeat, which says that an agent is there now, and is no event';
  return { kind: 'fault', code: 'not_an_event', field: 'type', reason };
}

function subjectOf({ subject }: RejectedRow, type: string | undefined): string {
  if (type === undefined) return subject ?? '';
  checkEventType(type);
  const [, tenant = '', host = ''] = (subject ?? '').split('.', 3);
  return ingestSubject({ tenant, host, type });
}

function ofHttp(
  row: RejectedRow,
  corrections: Corrections,
  redact: (json: string) => string,
): Read {
  if (corrections.type !== undefined) {
    const reason = 'its address holds no type; correct the payload instead';
    return { kind: 'fault', code: 'invalid_field', field: 'type', reason };
  }
  const source = ingestSources(redact).find(({ path }) => path === row.subject);
  const kept = JSON.parse(row.headers) as Record<string, string>;
  const keyId = kept[KEY_ID_HEADER];
  if (source === undefined || keyId === undefined) {
    const reason = `what came over ${row.channel} at ${row.subject ?? 'an unknown address'} cannot be put in again; publish it anew`;
    return { kind: 'fault', code: 'unknown_address', field: undefined, reason };
  }
  const headers = Object.fromEntries(headersOf(row, corrections));
  const trace = parseTraceparent(headers.traceparent) ?? newTraceparent();
  const read = source.read({
    caller: { tenant: row.tenant ?? '', keyId, role: 'publisher' },
    path: source.path,
    headers,
    body: payloadOf(row, corrections),
    traceparent: trace.traceparent,
  });
  if (read.kind === 'fault') return read;
  return { kind: 'events', events: read.events.map((event, index) => named(event, row, index)) };
}

/** An event that was given no id is named by its place in the rejected message. */
function named(event: EventToAppend, row: RejectedRow, index: number): EventToAppend {
  if (!event.key.equals(ownKey(event.eventId))) return event;
  const sourceId = `${row.rejected_id}/${index}`;
  const { tenant, source } = event;
  return { ...event, key: idempotencyKey({ tenant, principal: 'rejected', source, sourceId }) };
}

function headersOf({ headers }: RejectedRow, corrections: Corrections): Map<string, string> {
  const given = corrections.headers ?? (JSON.parse(headers) as Record<string, string>);
  const named = Object.entries(given).map(([name, value]) => [name.toLowerCase(), value] as const);
  return new Map(named.filter(([name]) => name !== KEY_ID_HEADER));
}

function payloadOf({ payload }: RejectedRow, corrections: Corrections): Uint8Array {
  return corrections.payload === undefined ? payload : Buffer.from(corrections.payload, 'base64');
}
