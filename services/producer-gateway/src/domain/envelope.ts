import {
  ContractError,
  type EventDraft,
  type EventStatus,
  HEARTBEAT_TYPE,
  isRfc3339,
  type Phase,
} from '@hookline/contracts';
import { newTraceparent, parseTraceparent } from '@hookline/telemetry';
import type { JsonObject } from './json-object.ts';
import { isServerName, SUBJECT_LENGTH_MAX, serverNameOf } from './server-name.ts';

/** A value and the name of the field or header it came from, for errors. */
export interface Given {
  readonly value: string;
  readonly field: string;
}

/** What a publisher said about an event, by whichever way it came, not checked yet. */
export interface Envelope {
  readonly tenant: string;
  readonly type: string;
  readonly source: string;
  readonly time?: Given | undefined;
  readonly subject?: Given | undefined;
  readonly phase?: Given | undefined;
  readonly status?: Given | undefined;
  /** Candidates, the best first; the first valid one counts, the others are ignored. */
  readonly traceparents?: readonly (string | undefined)[] | undefined;
  readonly extensions?: Readonly<Record<string, string>> | undefined;
  /** JSON text as published. */
  readonly data: string;
  /** The data, when it is an object, for finding the server in it. */
  readonly object?: JsonObject | undefined;
}

/**
 * Checks an envelope and fills in what is left out: phase `post`, status `success` (none on `pre`),
 * the server named by the data. Throws ContractError.
 */
export function toDraft(envelope: Envelope): EventDraft {
  if (envelope.type === HEARTBEAT_TYPE) {
    throw new ContractError(
      'reserved_type',
      `type "${HEARTBEAT_TYPE}" is no event: agents publish it over NATS to say that they are there; publish events under another type`,
      'type',
    );
  }
  const phase = phaseOf(envelope.phase);
  const status = statusOf(envelope.status, phase);
  const time = envelope.time && timeOf(envelope.time);
  const subject = envelope.subject
    ? subjectOf(envelope.subject)
    : envelope.object && serverNameOf(envelope.object);
  const traceparent = firstTraceparent(envelope.traceparents);
  return {
    tenant: envelope.tenant,
    source: envelope.source,
    type: envelope.type,
    ...(time !== undefined && { time }),
    ...(subject !== undefined && { subject }),
    phase,
    ...(status !== undefined && { status }),
    extensions: { ...envelope.extensions, traceparent },
    data: envelope.data,
  };
}

/** The publisher's trace goes on; without one the event begins its own, so that all its attempts share it. */
export function firstTraceparent(candidates: Envelope['traceparents']): string {
  for (const candidate of candidates ?? []) {
    const trace = candidate === undefined ? undefined : parseTraceparent(candidate);
    if (trace !== undefined) return trace.traceparent;
  }
  return newTraceparent().traceparent;
}

function phaseOf(given: Given | undefined): Phase {
  if (given === undefined) return 'post';
  if (given.value === 'pre' || given.value === 'post') return given.value;
  throw fault('invalid_phase', given, 'send "pre" or "post", or leave it out for "post"');
}

function statusOf(given: Given | undefined, phase: Phase): EventStatus | undefined {
  if (given === undefined) return phase === 'pre' ? undefined : 'success';
  if (given.value !== 'success' && given.value !== 'fail') {
    throw fault('invalid_status', given, 'send "success" or "fail", or leave it out for "success"');
  }
  if (phase === 'pre') {
    throw fault('invalid_status', given, 'an event of phase "pre" has no status yet; leave it out');
  }
  return given.value;
}

function timeOf(given: Given): string {
  if (isRfc3339(given.value)) return given.value;
  throw fault('invalid_time', given, 'send RFC 3339, for instance "2025-01-15T10:30:00Z"');
}

function subjectOf(given: Given): string {
  if (isServerName(given.value)) return given.value;
  throw fault(
    'invalid_subject',
    given,
    `send the server's name: 1 to ${SUBJECT_LENGTH_MAX} characters, no control characters`,
  );
}

/** A fault of one value, with the value shown in full only while it is short. */
function fault(code: string, given: Given, mending: string): ContractError {
  const shown = given.value.length > 80 ? `${given.value.slice(0, 80)}…` : given.value;
  return new ContractError(
    code,
    `${given.field} is ${JSON.stringify(shown.toWellFormed())}; ${mending}`,
    given.field,
  );
}
