import type { AcceptedEvent, EventExtensions, EventStatus, Phase } from './event.ts';
import { EVENT_BATCH_BYTES_MAX, EVENT_BATCH_EVENTS_MAX } from './streams.ts';

/** An accepted event on its way to the dispatchers. */
export interface DispatchableEvent {
  readonly event: AcceptedEvent;
  /** The subscription epoch at acceptance: a dispatcher must know all changes up to it before it matches. */
  readonly subscriptionEpoch: number;
  /** The line its sequence counts in, see lineOf. */
  readonly line: string;
}

/** How the head of a message spells one event; `bytes` is the length of its data in the body. */
interface EventHead {
  readonly id: string;
  readonly tenant: string;
  readonly position: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly recorded: number;
  readonly subject?: string;
  readonly phase: Phase;
  readonly status?: EventStatus;
  readonly sequence: string;
  readonly extensions: EventExtensions;
  readonly epoch: number;
  readonly line: string;
  readonly bytes: number;
}

interface BatchHead {
  readonly v: 1;
  readonly events: readonly EventHead[];
}

/**
 * Encodes events as one message of EVENTS: a line of JSON with every envelope, then the data texts
 * end to end. Data is neither quoted nor parsed on the way; it is copied once.
 */
export function encodeEventBatch(batch: readonly DispatchableEvent[]): Uint8Array {
  const events = batch.map(({ event, subscriptionEpoch, line }): EventHead => {
    const { id, tenant, source, type, time, phase, extensions } = event;
    return {
      id,
      tenant,
      position: event.position.toString(),
      source,
      type,
      time,
      recorded: event.recordedAt.getTime(),
      ...(event.subject !== undefined && { subject: event.subject }),
      phase,
      ...(event.status !== undefined && { status: event.status }),
      sequence: event.sequence.toString(),
      extensions,
      epoch: subscriptionEpoch,
      line,
      bytes: Buffer.byteLength(event.data),
    };
  });
  const head = JSON.stringify({ v: 1, events } satisfies BatchHead);
  return Buffer.from(`${head}\n${batch.map(({ event }) => event.data).join('')}`);
}

/** Reads a message of EVENTS. Throws on anything that encodeEventBatch did not write. */
export function decodeEventBatch(message: Uint8Array): DispatchableEvent[] {
  const body = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  const headEnd = body.indexOf(0x0a);
  const head = JSON.parse(body.toString('utf8', 0, headEnd)) as BatchHead;
  if (head.v !== 1) throw new Error(`EVENTS message of unknown version ${String(head.v)}`);
  let at = headEnd + 1;
  return head.events.map((entry) => {
    const data = body.toString('utf8', at, at + entry.bytes);
    at += entry.bytes;
    const { epoch, line, bytes: _, recorded, position, sequence, ...envelope } = entry;
    return {
      event: {
        ...envelope,
        position: BigInt(position),
        sequence: BigInt(sequence),
        recordedAt: new Date(recorded),
        data,
      },
      subscriptionEpoch: epoch,
      line,
    };
  });
}

/** What an envelope adds to a message, roughly; the bound has room for several times as much. */
const ENVELOPE_BYTES = 512;

/** Cuts events into messages: at most 64 events and 512 KiB of data each; a larger event goes alone. */
export function splitIntoBatches(events: readonly DispatchableEvent[]): DispatchableEvent[][] {
  const batches: DispatchableEvent[][] = [];
  let current: DispatchableEvent[] = [];
  let size = 0;
  for (const entry of events) {
    const bytes = Buffer.byteLength(entry.event.data) + ENVELOPE_BYTES;
    if (
      current.length > 0 &&
      (current.length >= EVENT_BATCH_EVENTS_MAX || size + bytes > EVENT_BATCH_BYTES_MAX)
    ) {
      batches.push(current);
      current = [];
      size = 0;
    }
    current.push(entry);
    size += bytes;
  }
  if (current.length > 0) batches.push(current);
  return batches;
}

/**
 * The line in which an event is numbered: its server's, or without one its origin's (the host, else
 * the source). The letter between keeps a server from sharing a line with a host of its name.
 */
export function lineOf(tenant: string, subject: string | undefined, origin: string): string {
  return subject === undefined ? `${tenant}/h/${origin}` : `${tenant}/s/${subject}`;
}

/** The server of a line; undefined for the line of a host. */
export function subjectOfLine(tenant: string, line: string): string | undefined {
  const prefix = `${tenant}/s/`;
  return line.startsWith(prefix) ? line.slice(prefix.length) : undefined;
}
