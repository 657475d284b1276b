import type { AcceptedEvent } from '@hookline/contracts';

/** When the event happened, in milliseconds since 1970. */
export function timeMs(event: AcceptedEvent): number {
  const ms = Date.parse(event.time.toUpperCase());
  // A leap second is right RFC 3339 and yet no time for Date; the acceptance is close by.
  return Number.isNaN(ms) ? event.recordedAt.getTime() : ms;
}

/** `2025-01-15T10:30:00Z`: UTC, cut to whole seconds. */
export function utcSeconds(event: AcceptedEvent): string {
  return `${utcSecond(timeMs(event))}Z`;
}

/** `2023-04-07T07:18:15.316192Z`: UTC with six digits, cut or filled with zeros. */
export function utcMicroseconds(event: AcceptedEvent): string {
  // Offsets are whole minutes, so the fraction is that of the text, which has more digits than Date.
  const fraction = /\.(\d+)/.exec(event.time)?.[1] ?? '';
  return `${utcSecond(timeMs(event))}.${fraction.padEnd(6, '0').slice(0, 6)}Z`;
}

function utcSecond(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19);
}
