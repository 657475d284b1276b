import type { AcceptedEvent, EventStatus, Phase } from '@hookline/contracts';

/** What goes over the wire, before the headers that every delivery carries. */
export interface RenderedWebhook {
  /** The body as text; its UTF-8 bytes are what is signed and sent. */
  readonly body: string;
  readonly contentType: string;
  /** Headers of the format itself, a signature of its own included; they win over those of every delivery. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Whom a webhook is for, as far as bodies and headers depend on it. */
export interface FormatTarget {
  readonly subscriptionId: string;
  /** The subscription's number within its tenant, which VirtFusion's receivers know it by. */
  readonly hookId: number;
  /** As given by the subscriber, checked by checkOptions; absent ones take their defaults. */
  readonly options: Readonly<Record<string, string>>;
  /** Newest first. */
  readonly secrets: readonly string[];
  readonly controlDomain: string;
  readonly controlName: string;
  readonly controlSupportLink: string;
  /** The bearer token of the subscription, for formats that put it into the body; see WebhookFormat. */
  readonly credential?: string;
}

/**
 * One way in which filters of a format's subscriptions may see an event. A filter takes the event
 * when one view fits all of its types, phases and statuses. A view without a status is not asked
 * for one: an event of phase pre has none, and a projected name has said how it ended.
 */
export interface FilterView {
  readonly name: string;
  readonly phase: Phase;
  readonly status?: EventStatus;
}

/** An option of a format: all options are texts. */
export interface FormatOption {
  readonly name: string;
  readonly description: string;
  /** Empty for an option that must be given. */
  readonly defaultValue: string;
  readonly required?: true;
  /** What is wrong with a value and what would be right; undefined when it is usable. */
  readonly check: (value: string) => string | undefined;
}

/** How events are told to one kind of receiver. Everything here is pure. */
export interface WebhookFormat {
  readonly name: string;
  /**
   * `program`: a receiver of one's own, which gets id, signature, trace and all of Hookline's
   * headers. `people`: a chat service, which has no use for them and gets none.
   */
  readonly audience: 'program' | 'people';
  /**
   * `body`: the service wants its token in the body. The subscription's bearer token is passed as
   * `target.credential`, and no Authorization header is sent. Absent: credentials go into headers.
   */
  readonly credential?: 'body';
  /** What is wrong with the URL as an address of this service; undefined when it can be right. */
  readonly checkUrl?: (url: URL) => string | undefined;
  /** The URL as records of attempts show it, for services whose credential is in it. Absent: as given. */
  readonly shownUrl?: (url: string) => string;
  readonly options: readonly FormatOption[];
  /** undefined: the format cannot tell this event, and it is never sent. */
  readonly render: (event: AcceptedEvent, target: FormatTarget) => RenderedWebhook | undefined;
  /** Empty exactly when render answers undefined. */
  readonly filterViews: (event: AcceptedEvent) => readonly FilterView[];
  /** The fault of a type pattern in a filter, with what would be right; undefined when it has none. */
  readonly checkFilterPattern: (pattern: string) => string | undefined;
}

/** The event under its canonical name: the view that every format but cdhosting has. */
export function canonicalView(event: AcceptedEvent): FilterView {
  const { type: name, phase, status } = event;
  return status === undefined ? { name, phase } : { name, phase, status };
}

/** Remembers what `compute` made of an event for as long as the event lives: fan-out pays once. */
export function oncePerEvent<T>(compute: (event: AcceptedEvent) => T): (event: AcceptedEvent) => T {
  const known = new WeakMap<AcceptedEvent, { readonly value: T }>();
  return (event) => {
    let entry = known.get(event);
    if (entry === undefined) {
      entry = { value: compute(event) };
      known.set(event, entry);
    }
    return entry.value;
  };
}
