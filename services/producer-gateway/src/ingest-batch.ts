import { agentSubject, ingestHeaders, isInboxOf } from '@hookline/contracts';
import type { AppendOutcome, EventToAppend, RejectedMessage } from '@hookline/event-log';
import type { Nats, ReceivedMessage } from '@hookline/messaging';
import { parseTraceparent, type TraceContext } from '@hookline/telemetry';
import { confirmationJson } from './domain/confirmation.ts';
import type {
  Accepted,
  Answerable,
  Heartbeat,
  normaliseMessage,
  Rejection,
} from './domain/ingest-message.ts';
import type { Unfit } from './event-checks.ts';
import { toRejected } from './rejections.ts';

/** One message of a batch with what it is, and later what became of it. */
interface Entry {
  readonly message: ReceivedMessage;
  readonly normalised: Accepted | Heartbeat | Rejection;
  /** The trace begun for it here, which its event goes by unless its publisher gave one. */
  readonly begun?: TraceContext | undefined;
}

/** A batch of messages, checked; nothing of it is stored yet. */
export interface PreparedBatch {
  readonly entries: readonly Entry[];
  /** The events of it, in the order of the messages. */
  readonly events: readonly EventToAppend[];
}

/** Checks a message and makes of it what it is; see normaliseMessage. */
export type Normalise = typeof normaliseMessage;

export interface Reading {
  readonly normalise: Normalise;
  /** Whether a message is to be rejected unread. */
  readonly isPoison: (message: ReceivedMessage) => boolean;
  /** Begins a trace for a message that names none. */
  readonly newTrace: () => TraceContext;
  /** Hears of a message whose check itself failed, which is a fault of ours. */
  readonly onUnreadable: (error: unknown, message: ReceivedMessage) => void;
}

/** Checks and normalises messages, in their order. */
export function prepareBatch(
  messages: readonly ReceivedMessage[],
  reading: Reading,
): PreparedBatch {
  const nowMs = Date.now();
  const entries = messages.map((message): Entry => {
    return reading.isPoison(message)
      ? { message, normalised: poison(message) }
      : read(message, nowMs, reading);
  });
  return batchOf(entries);
}

function batchOf(entries: readonly Entry[]): PreparedBatch {
  const events = entries.flatMap(({ normalised }) =>
    normalised.kind === 'accepted' ? [normalised.event] : [],
  );
  return { entries, events };
}

/** The tenants of a batch's events and heartbeats, each once. */
export function tenantsOf({ entries }: PreparedBatch): string[] {
  return [...new Set(entries.flatMap(({ normalised }) => tenantOf(normalised) ?? []))];
}

function tenantOf(normalised: Entry['normalised']): string | undefined {
  switch (normalised.kind) {
    case 'accepted':
      return normalised.event.tenant;
    case 'heartbeat':
      return normalised.tenant;
    case 'rejected':
      return undefined;
  }
}

/** The batch with the events and heartbeats of tenants that are not known made rejections. */
export function refuseUnknown(
  { entries }: PreparedBatch,
  isKnown: (tenant: string) => boolean,
): PreparedBatch {
  return batchOf(
    entries.map((entry) => {
      const { message, normalised } = entry;
      const tenant = tenantOf(normalised);
      if (tenant === undefined || isKnown(tenant)) return entry;
      const [, , host] = message.subject.split('.', 3);
      const { sourceId, confirmTo } = normalised;
      const reason = `tenant "${tenant}" is unknown or was deleted; an administrator can create it, and put this message in again`;
      const fault = { code: 'unknown_tenant', reason, tenant, host, sourceId, confirmTo };
      return { ...entry, normalised: { kind: 'rejected', ...fault } };
    }),
  );
}

/** The batch with those events made rejections that their tenants do not take. */
export function refuseUnfit(
  { entries }: PreparedBatch,
  unfitness: (event: EventToAppend) => Unfit | undefined,
): PreparedBatch {
  return batchOf(
    entries.map((entry) => {
      const { message, normalised } = entry;
      const unfit = normalised.kind === 'accepted' ? unfitness(normalised.event) : undefined;
      if (unfit === undefined) return entry;
      const [, tenant, host] = message.subject.split('.', 3);
      const { sourceId, confirmTo } = normalised;
      const { code, reason } = unfit;
      const fault = { code, reason, tenant, host, sourceId, confirmTo };
      return { ...entry, normalised: { kind: 'rejected', ...fault } };
    }),
  );
}

function read(
  message: ReceivedMessage,
  nowMs: number,
  { normalise, onUnreadable, newTrace }: Reading,
): Entry {
  const headers = headersOf(message) ?? new Map<string, string>();
  const known = parseTraceparent(headers.get(TRACEPARENT));
  const begun = known === undefined ? newTrace() : undefined;
  if (begun !== undefined) headers.set(TRACEPARENT, begun.traceparent);
  try {
    return { message, normalised: normalise({ ...placeOf(message), headers }, nowMs), begun };
  } catch (error) {
    onUnreadable(error, message);
    return { message, normalised: unreadable(message) };
  }
}

const TRACEPARENT = ingestHeaders.traceparent.toLowerCase();

function placeOf({ subject, data, streamSequence, streamCreatedAt }: ReceivedMessage) {
  return { subject, data, streamSequence, streamCreatedAt };
}

/** One message that Hookline itself cannot read must not hold up its neighbours. */
function unreadable(message: ReceivedMessage): Rejection {
  const reason = 'the message could not be read, which is a fault of Hookline; its log says more';
  return { ...unreadFault(message), code: 'unreadable', reason };
}

/** Of its own words only its headers are looked at, so that its agent hears of it. */
function poison(message: ReceivedMessage): Rejection {
  const reason =
    'the gateway ended without a word each time it handled this message; it is kept unread, and can be put in again after that is mended';
  return { ...unreadFault(message), ...answerableOf(message), code: 'poison', reason };
}

function answerableOf(message: ReceivedMessage): Partial<Answerable> {
  const [, tenant = '', host = ''] = message.subject.split('.', 3);
  const inbox = message.headers?.get(ingestHeaders.confirmTo) ?? '';
  const sourceId = message.headers?.get(ingestHeaders.sourceId) ?? '';
  return {
    ...(sourceId !== '' && { sourceId }),
    ...(isInboxOf(inbox, { tenant, host }) && { confirmTo: inbox }),
  };
}

function unreadFault(message: ReceivedMessage) {
  return {
    kind: 'rejected',
    tenant: undefined,
    host: undefined,
    sourceId: `stream:${message.streamCreatedAt.getTime()}:${message.streamSequence}`,
    confirmTo: undefined,
  } as const;
}

function headersOf({ headers }: ReceivedMessage): Map<string, string> | undefined {
  if (headers === undefined) return undefined;
  const first = new Map<string, string>();
  for (const [name, values] of headers) {
    const key = name.toLowerCase();
    if (!first.has(key)) first.set(key, values[0] ?? '');
  }
  return first;
}

/** A batch with the outcome of each of its events, or the rejection of what is none. */
export interface DecidedBatch {
  readonly answers: readonly Answer[];
  readonly rejected: readonly RejectedMessage[];
}

/** What became of a message; `repeated` and `heartbeat` are done without a new event. */
export type Outcome =
  | { readonly kind: 'appended' | 'repeated'; readonly eventId: string; readonly position: bigint }
  | { readonly kind: 'heartbeat'; readonly heartbeat: true }
  | { readonly kind: 'rejected'; readonly code: string; readonly reason: string };

export interface Answer extends Answerable {
  readonly message: ReceivedMessage;
  readonly outcome: Outcome;
}

/** Puts the outcomes of an append to the messages they came from. */
export function decideBatch(
  { entries }: PreparedBatch,
  outcomes: readonly AppendOutcome[],
): DecidedBatch {
  let next = 0;
  const rejected: RejectedMessage[] = [];
  const answers = entries.map(({ message, normalised }): Answer => {
    const { sourceId, confirmTo } = normalised;
    const outcome =
      normalised.kind === 'accepted'
        ? outcomeOf(outcomes[next++] as AppendOutcome)
        : normalised.kind === 'heartbeat'
          ? ({ kind: 'heartbeat', heartbeat: true } as const)
          : normalised;
    if (outcome.kind === 'rejected') {
      const [, tenant, host] = message.subject.split('.', 3);
      rejected.push(toRejected(message, { tenant, host, ...outcome }));
    }
    return { message, sourceId, confirmTo, outcome };
  });
  return { answers, rejected };
}

function outcomeOf(outcome: AppendOutcome): Outcome {
  switch (outcome.kind) {
    case 'appended': {
      const { id: eventId, position } = outcome.event;
      return { kind: 'appended', eventId, position };
    }
    case 'repeated':
      return outcome;
    case 'refused':
      return { ...outcome, kind: 'rejected' };
  }
}

/**
 * Answers the agents and acknowledges the messages; called after the commit. While NATS is away both
 * are left out: the messages come again, are found to be done, and are answered then.
 *
 * The agent's inbox is reached by a publish of its own on `to.<inbox>`, never by its reply subject.
 */
export function settleBatch({ answers }: DecidedBatch, nats: Nats): void {
  if (!nats.isConnected()) return;
  for (const { message, sourceId, confirmTo, outcome } of answers) {
    if (confirmTo !== undefined) {
      nats.connection.publish(agentSubject(confirmTo), confirmationJson({ sourceId, ...outcome }));
    }
    // A rejected message is kept in Postgres, so it is done as much as an accepted one.
    message.ack();
  }
}
