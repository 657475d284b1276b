import {
  ContractError,
  checkEventType,
  type EventDraft,
  EXTENSIONS_MAX,
  GrpcPhase,
  GrpcStatus,
  lineOf,
  memberText,
  type NewEvent,
  newId,
} from '@hookline/contracts';
import { type EventToAppend, idempotencyKey, ownKey } from '@hookline/event-log';
import { type Given, toDraft } from './envelope.ts';
import { splitExtensions } from './extensions.ts';
import {
  isObject,
  type JsonObject,
  kindOf,
  readJsonObject,
  readJsonObjectText,
} from './json-object.ts';
import { checkText } from './text-field.ts';

/** Who publishes over HTTP or gRPC, and in which trace. */
export interface PublicationContext {
  readonly tenant: string;
  /** `key_…` */
  readonly keyId: string;
  readonly traceparent: string | undefined;
  readonly nowMs: number;
}

export const SOURCE_LENGTH_MAX = 512;
export const SOURCE_ID_LENGTH_MAX = 256;
const EXTENSION_LENGTH_MAX = 1024;

const HTTP_FIELDS = ['type', 'data', 'id', 'subject', 'time', 'phase', 'status'];
/** CloudEvents attributes that have fields of their own, and so are no extensions. */
const TAKEN_NAMES = new Set([
  ...['specversion', 'id', 'source', 'type', 'time', 'subject', 'datacontenttype', 'dataschema'],
  ...['data', 'phase', 'status', 'sequence'],
]);

/**
 * Reads `{"type","data","id"?,"subject"?,"time"?,"phase"?,"status"?}` as HTTP publishers send it.
 * `data` is kept as it stands in the body. Throws ContractError naming the field.
 */
export function readHttpPublication(body: Uint8Array, context: PublicationContext): EventToAppend {
  const { text, value } = readJsonObject(body);
  for (const name of Object.keys(value)) {
    if (HTTP_FIELDS.includes(name)) continue;
    const shown = name.slice(0, 80).toWellFormed();
    const message = `${JSON.stringify(shown)} is not a known field; known are ${HTTP_FIELDS.join(', ')}`;
    throw new ContractError('unknown_field', message, shown);
  }
  const type = textOf(value, 'type');
  if (type === undefined) throw missing('type', 'name the event, for instance "server.started"');
  checkEventType(type.value);
  const id = textOf(value, 'id');
  const draft = toDraft({
    tenant: context.tenant,
    type: type.value,
    source: `/publishers/${context.keyId}`,
    time: textOf(value, 'time'),
    subject: textOf(value, 'subject'),
    phase: textOf(value, 'phase'),
    status: textOf(value, 'status'),
    traceparents: [context.traceparent],
    ...dataOf(text, value),
  });
  return toAppend(draft, {
    sourceId: id && checkText({ ...id, lengthMax: SOURCE_ID_LENGTH_MAX }),
    nowMs: context.nowMs,
  });
}

/** Reads an event as gRPC publishers send it. Throws ContractError naming the field. */
export function readGrpcPublication(event: NewEvent, context: PublicationContext): EventToAppend {
  checkEventType(event.type);
  const source = checkText({ value: event.source, field: 'source', lengthMax: SOURCE_LENGTH_MAX });
  const sourceId = checkText({ value: event.id, field: 'id', lengthMax: SOURCE_ID_LENGTH_MAX });
  const { traceparent, ...extensions } = event.extensions;
  checkExtensions(event.extensions);
  const data = readJsonObjectText(event.data, 'data', 'data');
  const draft = toDraft({
    tenant: context.tenant,
    type: event.type,
    source,
    time: event.time && { value: timeText(event.time), field: 'time' },
    subject: event.subject === '' ? undefined : { value: event.subject, field: 'subject' },
    phase: enumOf(PHASES, event.phase, 'phase'),
    status: enumOf(STATUSES, event.status, 'status'),
    traceparents: [traceparent, context.traceparent],
    extensions,
    data: data.text,
    object: data,
  });
  return toAppend(draft, { sourceId, nowMs: context.nowMs });
}

/** Gives an event its id, its key (a new one for every event without a source id) and its line. */
export function toAppend(
  draft: EventDraft,
  { sourceId, nowMs }: { sourceId: string | undefined; nowMs: number },
): EventToAppend {
  const { tenant, source, subject } = draft;
  const eventId = newId('evt', nowMs);
  const key =
    sourceId === undefined
      ? ownKey(eventId)
      : idempotencyKey({ tenant, principal: '', source, sourceId });
  return { ...draft, eventId, key, line: lineOf(tenant, subject, source) };
}

function textOf(value: Readonly<Record<string, unknown>>, field: string): Given | undefined {
  const content = value[field];
  if (content === undefined || content === null) return undefined;
  if (typeof content === 'string') return { value: content, field };
  throw new ContractError('invalid_field', `${field} is ${kindOf(content)}; send a string`, field);
}

function dataOf(
  text: string,
  { data }: Readonly<Record<string, unknown>>,
): { data: string; object: JsonObject } {
  if (data === undefined) throw missing('data', 'send a JSON object, such as {"server_id":"42"}');
  if (!isObject(data)) {
    throw new ContractError('not_an_object', `data is ${kindOf(data)}; send a JSON object`, 'data');
  }
  const published = memberText(text, 'data') ?? '{}';
  return { data: published, object: { text: published, value: data } };
}

function missing(field: string, mending: string): ContractError {
  return new ContractError('missing_field', `${field} is missing; ${mending}`, field);
}

function checkExtensions(extensions: Readonly<Record<string, string>>): void {
  splitExtensions(extensions);
  const names = Object.keys(extensions);
  if (names.length > EXTENSIONS_MAX) {
    const message = `extensions are ${names.length}; at most ${EXTENSIONS_MAX} are taken, so put the rest into data`;
    throw new ContractError('invalid_extension', message, 'extensions');
  }
  for (const name of names) {
    const field = `extensions.${name.slice(0, 80).toWellFormed()}`;
    if (TAKEN_NAMES.has(name) || !/^[a-z0-9]{1,20}$/.test(name)) {
      const message = `${field} is no name for an extension: use 1 to 20 lower-case letters and digits, and no attribute that has a field of its own`;
      throw new ContractError('invalid_extension', message, field);
    }
    checkText({ value: extensions[name] ?? '', field, lengthMax: EXTENSION_LENGTH_MAX });
  }
}

const PHASES: Readonly<Record<number, string>> = {
  [GrpcPhase.PHASE_PRE]: 'pre',
  [GrpcPhase.PHASE_POST]: 'post',
};

const STATUSES: Readonly<Record<number, string>> = {
  [GrpcStatus.STATUS_SUCCESS]: 'success',
  [GrpcStatus.STATUS_FAIL]: 'fail',
};

/** Unspecified (0) is absent; a number that this version does not know is refused by toDraft. */
function enumOf(
  names: Readonly<Record<number, string>>,
  value: number,
  field: string,
): Given | undefined {
  return value === 0 ? undefined : { value: names[value] ?? `number ${value}`, field };
}

function timeText(time: Date): string {
  return Number.isNaN(time.getTime()) ? 'no time' : time.toISOString();
}
