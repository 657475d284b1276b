import { ContractError, type EventDraft, INGEST_MESSAGE_BYTES_MAX } from '@hookline/contracts';
import type { EventToAppend } from '@hookline/event-log';
import type { AdapterDraft } from './adapters/draft.ts';
import { firstTraceparent, toDraft } from './envelope.ts';
import { type JsonObject, readJsonObjectText } from './json-object.ts';
import { type PublicationContext, toAppend } from './publication.ts';

/** Redacting and adding canonical members makes data longer, but not by more than this many bytes. */
const DATA_BYTES_MAX = 2 * INGEST_MESSAGE_BYTES_MAX;

/**
 * The event of a panel's request. Its source ends in the id of the key it was sent with: neither
 * Xen Orchestra nor Proxmox says which installation speaks, and two of them must not take each
 * other's repeats for their own. Throws ContractError.
 */
export function toPanelEvent(draft: AdapterDraft, context: PublicationContext): EventToAppend {
  const { sourceId, ...given } = draft;
  if (Buffer.byteLength(draft.data) > DATA_BYTES_MAX) {
    const reason = `the event has more than ${DATA_BYTES_MAX} bytes without its secrets; send less`;
    throw new ContractError('too_large', reason);
  }
  const traceparent = firstTraceparent([given.extensions.traceparent, context.traceparent]);
  const event: EventDraft = {
    ...given,
    tenant: context.tenant,
    source: `${draft.source}/${context.keyId}`,
    extensions: { ...given.extensions, traceparent },
  };
  return toAppend(event, { sourceId, nowMs: context.nowMs });
}

/** The event of a producer of CloudEvents, under the source and the id that it gave. Throws ContractError. */
export function toProducedEvent(draft: AdapterDraft, context: PublicationContext): EventToAppend {
  const { sourceId, extensions, phase, status, time, subject, ...given } = draft;
  const event = toDraft({
    ...given,
    tenant: context.tenant,
    phase: { value: phase, field: 'phase' },
    status: status && { value: status, field: 'status' },
    time: time === undefined ? undefined : { value: time, field: 'time' },
    subject: subject === undefined ? undefined : { value: subject, field: 'subject' },
    traceparents: [extensions.traceparent, context.traceparent],
    extensions: withoutAbsent(extensions),
    object: subject === undefined ? objectOf(draft.data) : undefined,
  });
  return toAppend(event, { sourceId, nowMs: context.nowMs });
}

function objectOf(data: string): JsonObject | undefined {
  return data.startsWith('{') ? readJsonObjectText(data, 'data', 'data') : undefined;
}

function withoutAbsent(extensions: AdapterDraft['extensions']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(extensions).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}
