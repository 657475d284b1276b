import type { EventData, JsonObject } from './event-data.ts';
import type { KnownEventType } from './event-types.ts';

/**
 * An envelope with the data of each known type: where `event.known` is true, `switch (event.type)`
 * narrows `event.data`. A type that this catalogue does not have, a tenant's own or a later one,
 * passes with `known` false. (A branded text for those was tried instead: the compiler finds it
 * comparable with every known type, and narrows nothing.)
 */
type EventOf<Envelope> =
  | {
      [Type in KnownEventType]: Envelope & {
        readonly known: true;
        readonly type: Type;
        readonly data: EventData<Type>;
      };
    }[KnownEventType]
  | (Envelope & { readonly known: false; readonly type: string; readonly data: JsonObject });

/** An event of the formats `standard`, `cloudevents` and `cloudevents-binary`. */
export type HooklineEvent = EventOf<HooklineEnvelope>;

export interface HooklineEnvelope {
  /** `evt_…` */
  readonly id: string;
  /** RFC 3339, when it happened. */
  readonly time: string;
  /** The server, user or hypervisor it is about. */
  readonly subject?: string;
  /** 20 digits, rising per server, so that text order is number order. */
  readonly sequence?: string;
  /** `pre`: it is about to happen. */
  readonly phase: 'pre' | 'post';
  /** How it ended; absent on phase pre. */
  readonly status?: 'success' | 'fail';
  /** CloudEvents only: where it comes from, and the extension attributes (`actor`, `reason`, …). */
  readonly source?: string;
  readonly extensions?: Readonly<Record<string, string>>;
}

/** An event of the format `cdhosting`: always something that happened; a failure is `server.error`. */
export type CdhostingEvent = EventOf<CdhostingEnvelope>;

export interface CdhostingEnvelope {
  readonly id: string;
  /** RFC 3339 in whole seconds, the body's `created_at`. */
  readonly time: string;
}

/** An event of the format `virtfusion`, under VirtFusion's own name, e.g. `server.boot`. */
export interface VirtfusionEvent {
  /** The body's `event`. */
  readonly type: string;
  /** VirtFusion's number of the event, 0 for one that it does not have; the body's `hookEventId`. */
  readonly eventNumber: number;
  readonly hookNumber: number;
  /** The body's `created`. */
  readonly time: string;
  readonly status: 'success' | 'fail';
  readonly controlDomain?: string;
  readonly controlName?: string;
  readonly controlSupportLink?: string;
  /** `server`, `user` and the like, `false` where absent; `errors` is always a list. */
  readonly data: JsonObject & { readonly errors: readonly unknown[] };
}

/** An event of the format `xen-orchestra`: the hook before or after a call. */
export type XenOrchestraEvent = XenOrchestraPreEvent | XenOrchestraPostEvent;

export interface XenOrchestraPreEvent extends XenOrchestraCall {
  readonly phase: 'pre';
}

export interface XenOrchestraPostEvent extends XenOrchestraCall {
  readonly phase: 'post';
  readonly status: 'success' | 'fail';
  readonly durationMs?: number;
  /** On success. */
  readonly result?: unknown;
  /** On fail. */
  readonly error?: unknown;
}

interface XenOrchestraCall {
  /** The method that is called, e.g. `vm.start`. */
  readonly type: string;
  /** The same for the hooks before and after a call. */
  readonly callId: string;
  readonly userId: string;
  readonly userName: string;
  readonly params: JsonObject;
  /** RFC 3339, of the body's `timestamp` in milliseconds. */
  readonly time: string;
}

/** What each format's webhooks hold. */
export interface EventByFormat {
  readonly standard: HooklineEvent;
  readonly cloudevents: HooklineEvent;
  readonly 'cloudevents-binary': HooklineEvent;
  readonly cdhosting: CdhostingEvent;
  readonly virtfusion: VirtfusionEvent;
  readonly 'xen-orchestra': XenOrchestraEvent;
}

export type ReceivedFormat = keyof EventByFormat;
