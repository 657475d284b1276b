/** Whether the fact is about to happen or has happened. */
export type Phase = 'pre' | 'post';

/** How it ended; an event of phase `pre` has none yet. */
export type EventStatus = 'success' | 'fail';

/** CloudEvents extension attributes of Hookline and of the publisher, all as strings. */
export interface EventExtensions {
  readonly actor?: string;
  readonly reason?: string;
  readonly correlationid?: string;
  readonly sourcetype?: string;
  readonly authid?: string;
  readonly username?: string;
  readonly traceparent?: string;
  readonly [name: string]: string | undefined;
}

/** An event as published and checked, before the log has accepted it. */
export interface EventDraft {
  readonly tenant: string;
  readonly source: string;
  readonly type: string;
  /** RFC 3339, when it happened; absent: the time of acceptance is used. */
  readonly time?: string;
  /** The server (or user, or hypervisor) it is about. */
  readonly subject?: string;
  readonly phase: Phase;
  readonly status?: EventStatus;
  readonly extensions: EventExtensions;
  /** JSON text, exactly as published: key order and the spelling of numbers are kept. */
  readonly data: string;
}

/** An event of the log, as the whole system knows it. */
export interface AcceptedEvent extends EventDraft {
  /** `evt_…` */
  readonly id: string;
  readonly time: string;
  /** Place in the log, ascending. */
  readonly position: bigint;
  readonly recordedAt: Date;
  /** Number within its line (tenant and server, else tenant and host), from 1, without gaps. */
  readonly sequence: bigint;
}

/** The sequence as events carry it outside: 20 digits, so that text order is number order. */
export function formatSequence(sequence: bigint): string {
  return sequence.toString().padStart(20, '0');
}
