import {
  ATTRIBUTE_LENGTH_MAX,
  ContractError,
  HEARTBEAT_TYPE,
  inboxPrefix,
  ingestHeaders,
  isHostName,
  isInboxOf,
  isTenantName,
  lineOf,
  looksLikeCloudEvent,
  newId,
  parseIngestSubject,
  readCloudEvent,
} from '@hookline/contracts';
import { type EventToAppend, idempotencyKey } from '@hookline/event-log';
import { type Envelope, type Given, toDraft } from './envelope.ts';
import { splitExtensions } from './extensions.ts';
import { isObject, type JsonObject, readJsonObject } from './json-object.ts';
import { checkText } from './text-field.ts';

/** A message as INGEST holds it. */
export interface IngestMessage {
  readonly subject: string;
  /** By lower-case name; the first value of each. */
  readonly headers: ReadonlyMap<string, string> | undefined;
  readonly data: Uint8Array;
  /** Together they name the message for ever. */
  readonly streamSequence: number;
  readonly streamCreatedAt: Date;
}

/** Where an agent wants to hear what became of its message, and under which name it knows it. */
export interface Answerable {
  readonly sourceId: string;
  /** An inbox of the agent, checked. */
  readonly confirmTo: string | undefined;
}

export interface Accepted extends Answerable {
  readonly kind: 'accepted';
  readonly event: EventToAppend;
}

/** An agent says that it is there; no event. */
export interface Heartbeat extends Answerable {
  readonly kind: 'heartbeat';
  readonly tenant: string;
  readonly host: string;
}

export interface Rejection extends Answerable {
  readonly kind: 'rejected';
  readonly code: string;
  readonly reason: string;
  /** As far as the subject tells. */
  readonly tenant: string | undefined;
  readonly host: string | undefined;
}

interface PossibleAgent {
  readonly tenant: string | undefined;
  readonly host: string | undefined;
}

/** Largest heartbeat, in bytes. */
const HEARTBEAT_BYTES_MAX = 4 * 1024;

const SOURCE_ID_FIELD = `header ${ingestHeaders.sourceId}`;
const SOURCE_ID = ingestHeaders.sourceId.toLowerCase();
const CONFIRM_TO = ingestHeaders.confirmTo.toLowerCase();
const TRACEPARENT = ingestHeaders.traceparent.toLowerCase();

/** Checks a message of an agent and makes the event of it that is to be appended, or says why not. */
export function normaliseMessage(
  message: IngestMessage,
  nowMs: number,
): Accepted | Heartbeat | Rejection {
  const agent = agentOf(message.subject);
  let sourceId =
    message.headers?.get(SOURCE_ID)?.slice(0, ATTRIBUTE_LENGTH_MAX) ?? ownSourceId(message);
  let confirmTo: string | undefined;
  try {
    confirmTo = confirmToOf(message, agent);
    const address = parseIngestSubject(message.subject);
    const body = readJsonObject(message.data);
    if (address.type === HEARTBEAT_TYPE) {
      checkHeartbeat(message.data);
      const { tenant, host } = address;
      return { kind: 'heartbeat', tenant, host, sourceId, confirmTo };
    }
    const published = looksLikeCloudEvent(body.value)
      ? cloudEventOf(body, address.type)
      : bareEventOf(body, message, address.host);
    sourceId = published.sourceId ?? ownSourceId(message);
    const draft = toDraft({
      ...published,
      tenant: address.tenant,
      type: address.type,
      time: published.time ?? header(message, ingestHeaders.time),
      subject: published.subject ?? header(message, ingestHeaders.subject),
      phase: published.phase ?? header(message, ingestHeaders.phase),
      status: published.status ?? header(message, ingestHeaders.status),
      traceparents: [...(published.traceparents ?? []), message.headers?.get(TRACEPARENT)],
    });
    const { tenant, source } = draft;
    const key = idempotencyKey({ tenant, principal: `nats:${address.host}`, source, sourceId });
    const line = lineOf(tenant, draft.subject, address.host);
    const event = { ...draft, eventId: newId('evt', nowMs), key, line };
    return { kind: 'accepted', event, sourceId, confirmTo };
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    const { code, message: reason } = error;
    return { kind: 'rejected', code, reason, ...agent, sourceId, confirmTo };
  }
}

function checkHeartbeat(data: Uint8Array): void {
  if (data.length <= HEARTBEAT_BYTES_MAX) return;
  throw new ContractError(
    'too_large',
    `the heartbeat has ${data.length} bytes; at most ${HEARTBEAT_BYTES_MAX} are taken, and nothing in it is kept`,
  );
}

interface Published extends Omit<Envelope, 'tenant' | 'type'> {
  readonly sourceId: string | undefined;
}

function cloudEventOf(body: JsonObject, type: string): Published {
  const event = readCloudEvent(body.text, body.value);
  if (event.type !== type) {
    throw new ContractError(
      'type_mismatch',
      `type is "${event.type}", but the subject says "${type}"; publish on a subject that ends in the event's type`,
      'type',
    );
  }
  const { data } = body.value;
  return {
    source: event.source,
    sourceId: event.id,
    time: event.time === undefined ? undefined : { value: event.time, field: 'time' },
    subject: event.subject === undefined ? undefined : { value: event.subject, field: 'subject' },
    ...splitExtensions(event.extensions),
    data: event.data,
    object: isObject(data) ? { text: event.data, value: data } : undefined,
  };
}

function bareEventOf(body: JsonObject, message: IngestMessage, host: string): Published {
  const given = message.headers?.get(SOURCE_ID);
  const sourceId =
    given === undefined
      ? undefined
      : checkText({ value: given, field: SOURCE_ID_FIELD, lengthMax: ATTRIBUTE_LENGTH_MAX });
  return { source: `/hosts/${host}`, sourceId, data: body.text, object: body };
}

function header(message: IngestMessage, name: string): Given | undefined {
  const value = message.headers?.get(name.toLowerCase());
  return value === undefined ? undefined : { value, field: `header ${name}` };
}

/** The name of a message whose publisher gave it none: its place in the stream. */
function ownSourceId(message: IngestMessage): string {
  return `stream:${message.streamCreatedAt.getTime()}:${message.streamSequence}`;
}

/** Who published, as far as the subject is sound: a message with a bad type is answered as well. */
function agentOf(subject: string): PossibleAgent {
  const [, tenant = '', host = ''] = subject.split('.', 3);
  return {
    tenant: isTenantName(tenant) ? tenant : undefined,
    host: isHostName(host) ? host : undefined,
  };
}

function confirmToOf(message: IngestMessage, { tenant, host }: PossibleAgent): string | undefined {
  const inbox = message.headers?.get(CONFIRM_TO);
  if (inbox === undefined || tenant === undefined || host === undefined) return undefined;
  if (isInboxOf(inbox, { tenant, host })) return inbox;
  throw new ContractError(
    'invalid_confirm_to',
    `header ${ingestHeaders.confirmTo} is no inbox of this agent; it must begin with "${inboxPrefix(tenant, host)}." and hold no wildcard`,
    ingestHeaders.confirmTo,
  );
}
