import type { JsonObject } from '../events/event-data.ts';
import { isKnownEventType } from '../events/event-types.ts';
import type { HooklineEvent } from '../events/events.ts';
import { type HeaderMap, optionalHeader } from '../headers.ts';
import { WebhookError } from '../webhook-error.ts';
import {
  optionalText,
  parseObject,
  requiredObject,
  requiredText,
  requiredWord,
  unexpected,
  withoutAbsent,
} from './members.ts';

const HEADER_PREFIX = 'ce-';
/** Attributes that have a place of their own in the event. */
const NAMED = new Set([
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
  'phase',
  'status',
  'sequence',
]);

/** CloudEvents 1.0 in HTTP structured mode: attributes and data are one JSON object. */
export function parseCloudEvent(text: string): HooklineEvent {
  return eventOf(parseObject(text));
}

/**
 * CloudEvents 1.0 in HTTP binary mode: attributes are `ce-*` headers, the body is the data.
 *
 * The signature does not cover those headers. Over https nobody on the way can change them; where
 * something in between ends the TLS and is not trusted, take the structured mode.
 */
export function parseBinaryCloudEvent(text: string, headers: HeaderMap): HooklineEvent {
  const attributes: Record<string, unknown> = {};
  for (const name of headers.keys()) {
    if (!name.startsWith(HEADER_PREFIX)) continue;
    const value = optionalHeader(headers, name);
    if (value !== undefined) attributes[name.slice(HEADER_PREFIX.length)] = decoded(name, value);
  }
  return eventOf({ ...attributes, data: parseObject(text) });
}

function eventOf(body: JsonObject): HooklineEvent {
  if (body.specversion !== '1.0') throw unexpected('specversion is not 1.0');
  const type = requiredText(body, 'type');
  const phase = body.phase === undefined ? 'post' : requiredWord(body, 'phase', ['pre', 'post']);
  return withoutAbsent({
    id: requiredText(body, 'id'),
    known: isKnownEventType(type),
    type,
    time: requiredText(body, 'time'),
    subject: optionalText(body, 'subject'),
    sequence: optionalText(body, 'sequence'),
    phase,
    status:
      body.status === undefined ? undefined : requiredWord(body, 'status', ['success', 'fail']),
    source: requiredText(body, 'source'),
    extensions: extensionsOf(body),
    data: requiredObject(body, 'data'),
  }) as HooklineEvent;
}

function extensionsOf(body: JsonObject): Record<string, string> {
  const extensions = Object.entries(body).filter(([name]) => !NAMED.has(name));
  return Object.fromEntries(extensions.map(([name, value]) => [name, String(value)]));
}

/** Header values are percent-encoded UTF-8 (CloudEvents HTTP binding, 3.1.3.2). */
function decoded(name: string, value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new WebhookError('invalid_header', `the header ${name} is not percent-encoded UTF-8`);
  }
}
