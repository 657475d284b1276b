import {
  enumText,
  formatSequence,
  type GrpcEvent,
  GrpcPhase,
  GrpcStatus,
} from '@hookline/contracts';
import { instantText } from './times.ts';

/**
 * An event as JSON text: a CloudEvents 1.0 object with `accepted_at` besides. `data` is spliced in as
 * it was published, so that key order and the spelling of numbers are kept.
 */
export function toEventText(event: GrpcEvent, { omitData = false } = {}): string {
  const attributes = {
    specversion: '1.0',
    id: event.id,
    source: event.source,
    type: event.type,
    time: instantText(event.time),
    ...(event.subject !== '' && { subject: event.subject }),
    phase: enumText(GrpcPhase, 'PHASE_', event.phase) ?? 'post',
    ...statusOf(event),
    sequence: formatSequence(BigInt(event.sequence)),
    ...event.extensions,
    accepted_at: instantText(event.acceptTime),
  };
  const text = JSON.stringify(attributes);
  return omitData
    ? text
    : `${text.slice(0, -1)},"data":${event.data === '' ? 'null' : event.data}}`;
}

function statusOf({ status }: GrpcEvent) {
  const name = enumText(GrpcStatus, 'STATUS_', status);
  return name === undefined ? {} : { status: name };
}
