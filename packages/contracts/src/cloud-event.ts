import { ContractError } from './contract-error.ts';
import { type AcceptedEvent, formatSequence } from './event.ts';
import { memberText } from './json-text.ts';

/** Most extension attributes one event may carry. */
export const EXTENSIONS_MAX = 32;
/** Longest value of a context attribute, in characters. */
export const ATTRIBUTE_LENGTH_MAX = 1024;

const CONTEXT_ATTRIBUTES = new Set([
  'specversion',
  'id',
  'source',
  'type',
  'time',
  'subject',
  'datacontenttype',
  'dataschema',
  'data',
  'data_base64',
]);

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

/** A CloudEvents 1.0 structured JSON object, taken apart; `data` is the JSON text as it stood. */
export interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time?: string;
  readonly subject?: string;
  readonly extensions: Readonly<Record<string, string>>;
  readonly data: string;
}

/** Whether an object is meant as a CloudEvent: it has the four attributes the specification requires. */
export function looksLikeCloudEvent(value: Readonly<Record<string, unknown>>): boolean {
  return 'specversion' in value && 'id' in value && 'source' in value && 'type' in value;
}

/** Whether `text` is an RFC 3339 time that exists. */
export function isRfc3339(text: string): boolean {
  return RFC_3339.test(text) && !Number.isNaN(Date.parse(text.toUpperCase()));
}

/**
 * Reads a CloudEvents 1.0 structured JSON object.
 *
 * `text` is the JSON and `value` what JSON.parse made of it. Throws ContractError
 * `invalid_cloud_event`, naming the attribute, its fault and what would be right.
 */
export function readCloudEvent(text: string, value: Readonly<Record<string, unknown>>): CloudEvent {
  if (value.specversion !== '1.0') {
    throw fault('specversion', `is ${JSON.stringify(value.specversion)}; send "1.0"`);
  }
  if ('data_base64' in value) {
    throw fault('data_base64', 'is not taken; send JSON in "data"');
  }
  const contentType = value.datacontenttype;
  if (contentType !== undefined && !isJsonMediaType(contentType)) {
    throw fault('datacontenttype', `is ${JSON.stringify(contentType)}; send "application/json"`);
  }
  const time = optionalText(value, 'time');
  if (time !== undefined && !isRfc3339(time)) {
    throw fault('time', `is "${time}"; send RFC 3339, for instance "2025-01-15T10:30:00Z"`);
  }
  const subject = optionalText(value, 'subject');
  return {
    id: requiredText(value, 'id'),
    source: requiredText(value, 'source'),
    type: requiredText(value, 'type'),
    ...(time !== undefined && { time }),
    ...(subject !== undefined && { subject }),
    extensions: readExtensions(value),
    data: memberText(text, 'data') ?? 'null',
  };
}

/** The event as a CloudEvents 1.0 structured JSON text, the bytes of `data` spliced in unchanged. */
export function cloudEventJson(event: AcceptedEvent): string {
  const { data, extensions } = event;
  const attributes = JSON.stringify({
    specversion: '1.0',
    id: event.id,
    source: event.source,
    type: event.type,
    time: event.time,
    subject: event.subject,
    datacontenttype: 'application/json',
    phase: event.phase,
    status: event.status,
    sequence: formatSequence(event.sequence),
    ...extensions,
  });
  return `${attributes.slice(0, -1)},"data":${data}}`;
}

function readExtensions(value: Readonly<Record<string, unknown>>): Record<string, string> {
  const extensions: Record<string, string> = {};
  for (const [name, content] of Object.entries(value)) {
    if (CONTEXT_ATTRIBUTES.has(name) || content === null) continue;
    if (!/^[a-z0-9]{1,64}$/.test(name)) {
      throw fault(name, 'is no attribute name: use 1 to 64 lower-case letters and digits');
    }
    if (typeof content === 'object') {
      throw fault(name, 'is an object or a list; extensions are strings, numbers or booleans');
    }
    extensions[name] = checkedText(name, String(content));
  }
  if (Object.keys(extensions).length > EXTENSIONS_MAX) {
    throw fault('extensions', `are more than ${EXTENSIONS_MAX}; put the rest into "data"`);
  }
  return extensions;
}

function requiredText(value: Readonly<Record<string, unknown>>, name: string): string {
  const text = optionalText(value, name);
  if (text === undefined) throw fault(name, 'is missing; send a string that is not empty');
  return text;
}

function optionalText(value: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const content = value[name];
  if (content === undefined || content === null) return undefined;
  if (typeof content !== 'string' || content === '') {
    throw fault(name, `is ${JSON.stringify(content)}; send a string that is not empty`);
  }
  return checkedText(name, content);
}

/** CloudEvents forbids control characters in attributes; Postgres cannot store NUL and lone surrogates. */
export function checkedText(name: string, text: string): string {
  if (text.length > ATTRIBUTE_LENGTH_MAX) {
    throw fault(name, `has ${text.length} characters; at most ${ATTRIBUTE_LENGTH_MAX} are taken`);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text) || !text.isWellFormed()) {
    throw fault(name, 'holds control characters or broken Unicode; send plain text');
  }
  return text;
}

function isJsonMediaType(contentType: unknown): boolean {
  return (
    typeof contentType === 'string' && /^[\w.+-]+\/([\w.-]+\+)?json\s*(;|$)/i.test(contentType)
  );
}

function fault(name: string, what: string): ContractError {
  return new ContractError('invalid_cloud_event', `CloudEvents attribute "${name}" ${what}`, name);
}
