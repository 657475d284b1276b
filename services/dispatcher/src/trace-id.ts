import { parseTraceparent } from '@hookline/telemetry';
import type { Delivery } from './domain/delivery.ts';

/** The trace an event belongs to; empty for one that was published without. */
export function traceIdOf(delivery: Delivery): string {
  return parseTraceparent(delivery.entry.event.extensions.traceparent)?.traceId ?? '';
}
