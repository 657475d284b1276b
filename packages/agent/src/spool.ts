import type { EventMessage } from './event-message.ts';

/** A message that is kept until it is confirmed. */
export interface Spooled {
  readonly message: EventMessage;
  /** How often it was sent. */
  readonly sends: number;
  /** When it was sent last, on the caller's clock. */
  readonly sentAtMs: number;
}

export interface SpoolLimits {
  readonly eventsMax: number;
  readonly bytesMax: number;
  /** How many may be sent and unconfirmed at once. */
  readonly windowMax: number;
  /** When a message that is not confirmed is sent again: twice as long after each time, up to 60 s. */
  readonly confirmTimeoutMs: number;
}

/**
 * The messages of an agent that are not confirmed, in the order they were published. It knows neither
 * clock nor connection: what it answers is what to send.
 */
export interface Spool {
  /** Whether there is room for a message of so many bytes. */
  hasRoom(bytes: number): boolean;
  has(sourceId: string): boolean;
  add(message: EventMessage): void;
  /** The next messages that may be sent; they count as sent. */
  take(nowMs: number): readonly EventMessage[];
  /** Those whose confirmation is overdue, in their order; they count as sent anew. */
  takeOverdue(nowMs: number): readonly EventMessage[];
  /** A connection was lost and what was under way with it: all of it is to be sent again, in order, first. */
  rewind(): void;
  /** Forgets a message, for it is confirmed. False when it was not there. */
  settle(sourceId: string): boolean;
  /** Everything that is not confirmed, in order. */
  messages(): readonly EventMessage[];
  readonly size: number;
}

const RESEND_DELAY_MAX_MS = 60_000;

export function createSpool(limits: SpoolLimits): Spool {
  // Maps keep the order of insertion, and both are filled in the order of publishing.
  let waiting = new Map<string, Spooled>();
  let sent = new Map<string, Spooled>();
  let bytes = 0;

  const overdueAt = ({ sends, sentAtMs }: Spooled): number =>
    sentAtMs + Math.min(limits.confirmTimeoutMs * 2 ** (sends - 1), RESEND_DELAY_MAX_MS);

  function mark(entry: Spooled, nowMs: number): EventMessage {
    const { message, sends } = entry;
    sent.set(message.sourceId, { message, sends: sends + 1, sentAtMs: nowMs });
    return message;
  }

  return {
    hasRoom: (more) =>
      waiting.size + sent.size < limits.eventsMax && bytes + more <= limits.bytesMax,
    has: (sourceId) => waiting.has(sourceId) || sent.has(sourceId),
    add(message) {
      bytes += sizeOf(message);
      waiting.set(message.sourceId, { message, sends: 0, sentAtMs: 0 });
    },
    take(nowMs) {
      const next: EventMessage[] = [];
      for (const entry of waiting.values()) {
        if (sent.size >= limits.windowMax) break;
        waiting.delete(entry.message.sourceId);
        next.push(mark(entry, nowMs));
      }
      return next;
    },
    takeOverdue: (nowMs) =>
      [...sent.values()]
        .filter((entry) => overdueAt(entry) <= nowMs)
        .map((entry) => mark(entry, nowMs)),
    rewind() {
      const anew = [...sent].map(([id, entry]) => [id, { ...entry, sends: 0 }] as const);
      waiting = new Map([...anew, ...waiting]);
      sent = new Map();
    },
    settle(sourceId) {
      const entry = sent.get(sourceId) ?? waiting.get(sourceId);
      if (entry === undefined) return false;
      bytes -= sizeOf(entry.message);
      return sent.delete(sourceId) || waiting.delete(sourceId);
    },
    messages: () => [...sent.values(), ...waiting.values()].map(({ message }) => message),
    get size() {
      return waiting.size + sent.size;
    },
  };
}

/** Bytes that a message occupies, headers included, and what keeping it costs, roughly. */
export function sizeOf({ payload, headers, subject }: EventMessage): number {
  return (
    payload.byteLength +
    subject.length +
    headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  );
}
