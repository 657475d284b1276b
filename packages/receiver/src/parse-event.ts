import type { EventByFormat, ReceivedFormat } from './events/events.ts';
import { parseCdhosting } from './formats/cdhosting.ts';
import { parseBinaryCloudEvent, parseCloudEvent } from './formats/cloudevents.ts';
import { parseStandard } from './formats/standard.ts';
import { parseVirtfusion } from './formats/virtfusion.ts';
import { parseXenOrchestra } from './formats/xen-orchestra.ts';
import type { HeaderMap } from './headers.ts';

type Parse<Event> = (text: string, headers: HeaderMap) => Event;

const parsers: { readonly [Format in ReceivedFormat]: Parse<EventByFormat[Format]> } = {
  standard: parseStandard,
  cloudevents: parseCloudEvent,
  'cloudevents-binary': parseBinaryCloudEvent,
  cdhosting: parseCdhosting,
  virtfusion: parseVirtfusion,
  'xen-orchestra': parseXenOrchestra,
};

/** The formats that are understood. */
export const receivedFormats = Object.keys(parsers) as readonly ReceivedFormat[];

/** Takes a body of a format apart. Throws WebhookError `body_not_json` or `body_unexpected`. */
export function parseEvent(
  format: ReceivedFormat,
  text: string,
  headers: HeaderMap,
): EventByFormat[ReceivedFormat] {
  return parsers[format](text, headers);
}
