import { randomUUID } from 'node:crypto';
import { type AgentIdentity, inboxPrefixOf } from './agent-credentials.ts';
import { AgentError } from './agent-error.ts';

/** One event as an agent publishes it. */
export interface AgentEvent {
  /** The canonical type, such as `server.started`, or one of your own. */
  readonly type: string;
  /** The payload: an object, or the text of one, which is then sent byte for byte. At most 256 KiB. */
  readonly data: object | string;
  /**
   * Your own id of the event, 1 to 256 characters: publishing it again makes no second event.
   * Default: a random one, which protects against the agent's own repeats but not those of its caller.
   */
  readonly id?: string;
  /** Default: `success`; none with phase `pre`. */
  readonly status?: 'success' | 'fail';
  /** Default: `post`. */
  readonly phase?: 'pre' | 'post';
  /** The server it is about. Default: the first of `data.server_id`, `data.server.id` and the like. */
  readonly subject?: string;
  /** When it happened. Default: when it is accepted. */
  readonly time?: Date | string;
  /** Continues a W3C trace. */
  readonly traceparent?: string;
}

/** What goes over NATS for one event. */
export interface EventMessage {
  readonly sourceId: string;
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Largest payload, in bytes of UTF-8. */
export const PAYLOAD_BYTES_MAX = 256 * 1024;
/** The type by which an agent says that it is there; it is no event. */
export const HEARTBEAT_TYPE = 'agent.heartbeat';

const TYPE = /^[a-z0-9_]+(\.[a-z0-9_]+)*$/;
const TYPE_LENGTH_MAX = 128;
/** What a header carries unharmed: no control character, no space at either end. */
const HEADER_VALUE = /^[^\p{Cc}\s](?:[^\p{Cc}]*[^\p{Cc}\s])?$/u;
const HEADER_LENGTH_MAX = 1_024;
const SOURCE_ID_LENGTH_MAX = 256;

/** Where an agent hears what became of its events. */
export function confirmationInbox(identity: AgentIdentity, connectionId: string): string {
  return `${inboxPrefixOf(identity)}.confirm.${connectionId}`;
}

/**
 * Puts an event into a message. What Hookline would reject with a reason is left to it; here only
 * what could not be sent at all is refused.
 *
 * @throws AgentError `invalid_event`, which names the field
 */
export function toMessage(
  event: AgentEvent,
  { tenant, host }: AgentIdentity,
  confirmTo: string,
): EventMessage {
  const { type, id: sourceId = randomUUID(), time } = event;
  const payload = payloadOf(event.data);
  const values: Record<string, string | undefined> = {
    'Nats-Msg-Id': sourceId,
    'Hookline-Confirm-To': confirmTo,
    'Hookline-Status': event.status,
    'Hookline-Phase': event.phase,
    'Hookline-Subject': event.subject,
    'Hookline-Time': time instanceof Date ? timeText(time) : time,
    traceparent: event.traceparent,
  };
  checkType(type);
  if (sourceId.length > SOURCE_ID_LENGTH_MAX) {
    throw invalid(
      `id has ${sourceId.length} characters; at most ${SOURCE_ID_LENGTH_MAX} are taken`,
    );
  }
  const headers = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, checkHeader(name, value)] as const],
  );
  return { sourceId, subject: `hv.${tenant}.${host}.${type}`, payload, headers };
}

function payloadOf(data: object | string): Uint8Array {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  const payload = new TextEncoder().encode(text ?? '');
  if (payload.byteLength > PAYLOAD_BYTES_MAX) {
    throw invalid(
      `data has ${payload.byteLength} bytes; at most ${PAYLOAD_BYTES_MAX} are taken: send a reference to what is large`,
    );
  }
  return payload;
}

function checkType(type: string): void {
  if (TYPE.test(type) && type.length <= TYPE_LENGTH_MAX) return;
  throw invalid(
    `type "${type.slice(0, TYPE_LENGTH_MAX)}" is not an event type: use segments of a-z, 0-9 and _ joined by dots, at most ${TYPE_LENGTH_MAX} characters, such as server.started`,
  );
}

function checkHeader(name: string, value: string): string {
  if (HEADER_VALUE.test(value) && value.length <= HEADER_LENGTH_MAX) return value;
  throw invalid(
    `the value for header ${name} must have 1 to ${HEADER_LENGTH_MAX} characters, none of them a control character, and no space at its ends`,
  );
}

function timeText(time: Date): string {
  if (Number.isNaN(time.getTime())) throw invalid('time is not a valid date');
  return time.toISOString();
}

function invalid(message: string): AgentError {
  return new AgentError('invalid_event', message);
}
