import { type AcceptedEvent, checkTypePattern } from '@hookline/contracts';
import {
  canonicalView,
  type FormatOption,
  type FormatTarget,
  type WebhookFormat,
} from '../format.ts';
import { type ChatMessage, chatMessage } from './message.ts';
import { withoutCredential } from './shown-url.ts';

/** What tells one chat service from another. */
export interface ChatService {
  readonly name: string;
  readonly options?: readonly FormatOption[];
  /** Absent: the credential stands in the URL, which attempts show without it. */
  readonly credential?: 'body';
  readonly checkUrl: (url: URL) => string | undefined;
  /** The JSON that the service takes. */
  readonly body: (message: ChatMessage, event: AcceptedEvent, target: FormatTarget) => unknown;
}

/** A format for people: every event can be told, in phase pre as well, under its canonical name. */
export function chatFormat(service: ChatService): WebhookFormat {
  const { name, options = [], credential, checkUrl, body } = service;
  return {
    name,
    audience: 'people',
    options,
    ...(credential === undefined ? { shownUrl: withoutCredential } : { credential }),
    checkUrl,
    render: (event, target) => ({
      body: JSON.stringify(body(chatMessage(event, target), event, target)),
      contentType: 'application/json',
      headers: {},
    }),
    filterViews: (event) => [canonicalView(event)],
    checkFilterPattern: checkTypePattern,
  };
}

/**
 * A check that a URL of the service's own host has the shape that its receivers have. Another host
 * may be a relay or a work-alike, of which nothing is known.
 */
export function urlShape(host: RegExp, { path, like }: { path: RegExp; like: string }) {
  return (url: URL): string | undefined =>
    host.test(url.hostname) && !path.test(url.pathname)
      ? `it is no address that takes messages there; give one like ${like}`
      : undefined;
}
