import {
  type AcceptedEvent,
  checkTypePattern,
  cloudEventJson,
  formatSequence,
} from '@hookline/contracts';
import { canonicalView, oncePerEvent, type WebhookFormat } from './format.ts';

/** CloudEvents 1.0 over HTTP in structured mode: the whole event is the body. */
export const cloudevents: WebhookFormat = {
  name: 'cloudevents',
  audience: 'program',
  options: [],
  render: (event) => ({
    body: structured(event),
    contentType: 'application/cloudevents+json; charset=utf-8',
    headers: {},
  }),
  filterViews: (event) => [canonicalView(event)],
  checkFilterPattern: checkTypePattern,
};

/**
 * CloudEvents 1.0 over HTTP in binary mode: the body is the data, byte for byte, and every attribute
 * is a header `ce-…`, percent-encoded as the HTTP binding 1.0.2 asks. The event's own `traceparent`
 * goes out as `ce-traceparent`; that of the request is the attempt's.
 *
 * Attributes are long when publishers make them so: with many of 1024 characters a receiver's limit
 * on headers can be reached, for which the structured mode is the remedy.
 */
export const cloudeventsBinary: WebhookFormat = {
  name: 'cloudevents-binary',
  audience: 'program',
  options: [],
  render: (event) => ({
    body: event.data,
    contentType: 'application/json',
    headers: attributeHeaders(event),
  }),
  filterViews: (event) => [canonicalView(event)],
  checkFilterPattern: checkTypePattern,
};

const structured = oncePerEvent(cloudEventJson);

const attributeHeaders = oncePerEvent((event: AcceptedEvent): Record<string, string> => {
  const { id, source, type, time, subject, phase, status, extensions } = event;
  const attributes: Readonly<Record<string, string | undefined>> = {
    specversion: '1.0',
    id,
    source,
    type,
    time,
    subject,
    phase,
    status,
    sequence: formatSequence(event.sequence),
    ...extensions,
  };
  const given = Object.entries(attributes).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(given.map(([name, value]) => [`ce-${name}`, percentEncoded(value)]));
});

/** Space, double quote, percent and everything beyond printable ASCII, as upper-case UTF-8 bytes. */
function percentEncoded(value: string): string {
  return value
    .toWellFormed()
    .replaceAll(/[^\x21\x23\x24\x26-\x7e]+/g, (run) =>
      Buffer.from(run, 'utf8').toString('hex').toUpperCase().replaceAll(/../g, '%$&'),
    );
}
