import { type GrpcEvent, GrpcPhase, GrpcStatus } from '@hookline/contracts';
import type { Column } from '../output/table.ts';
import { type Json, number, shortTime, shown, timeOrNull, word } from './shared.ts';

/** `data` is the payload's text, byte for byte; null when it was left out. */
export function eventJson(event: GrpcEvent): Json {
  return {
    id: event.id,
    type: event.type,
    source: event.source,
    source_id: event.sourceId,
    subject: event.subject,
    time: timeOrNull(event.time),
    accept_time: timeOrNull(event.acceptTime),
    phase: word(GrpcPhase, 'PHASE_', event.phase),
    status: word(GrpcStatus, 'STATUS_', event.status),
    sequence: number(event.sequence),
    position: number(event.position),
    extensions: event.extensions,
    data: event.data === '' ? null : event.data,
  };
}

export const eventColumns: readonly Column<Json>[] = [
  { title: 'EVENT', text: (event) => shown(event, 'id') },
  { title: 'ACCEPTED', text: (event) => shortTime(event, 'accept_time') },
  { title: 'TYPE', text: (event) => shown(event, 'type'), canShrink: true },
  { title: 'STATUS', text: (event) => shown(event, event.phase === 'pre' ? 'phase' : 'status') },
  { title: 'SUBJECT', text: (event) => shown(event, 'subject'), canShrink: true },
  { title: 'SEQUENCE', text: (event) => shown(event, 'sequence'), align: 'right' },
];
