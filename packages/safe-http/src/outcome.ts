import type { RefusalCode } from './url-rules.ts';

/** Where the time of a request went when it ran out. `queue`: no connection of its origin was free. */
export type RequestPhase = 'queue' | 'dns' | 'connect' | 'tls' | 'headers' | 'body';

export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** What every outcome has: how long the request took, from `send` on, in milliseconds. */
export interface Timed {
  readonly durationMs: number;
  /** Until its first byte was given to a connection; absent when that never was. */
  readonly sentMs?: number;
  /** Until the head of the response was there; absent when none came. */
  readonly firstByteMs?: number;
}

/** `error` is a sentence for a person: no path, query, header, body or resolved address in it. */
interface Failed extends Timed {
  readonly error: string;
}

/** A response's status, headers (names in lower case) and the beginning of its body, not decoded. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** At most `excerptBytesMax` bytes. */
  readonly bodyExcerpt: Uint8Array;
  readonly bodyTruncated: boolean;
}

/** What becomes of one request. There is always exactly one; `send` never rejects. */
export type HttpOutcome =
  | ResponseOutcome
  | RefusedOutcome
  | DnsFailedOutcome
  | ConnectionFailedOutcome
  | TlsFailedOutcome
  | TimeoutOutcome
  | ResponseTooLargeOutcome
  | CancelledOutcome
  | OverloadedOutcome;

/** A complete response of any status; a redirect is one as well and was not followed. */
export interface ResponseOutcome extends Timed, ResponseHead {
  readonly kind: 'response';
  /** The address the request went to, as validated. */
  readonly remoteAddress: string;
}

/** Nothing was sent: the URL, an address behind it, or a header is not allowed. */
export interface RefusedOutcome extends Failed {
  readonly kind: 'refused';
  readonly code: RefusalCode;
  /** The address at fault when a name resolved to it. For operators: it may tell of inner networks. */
  readonly address?: string;
}

/** `code` as Node names it, such as ENOTFOUND. */
export interface DnsFailedOutcome extends Failed {
  readonly kind: 'dns_failed';
  readonly code: string;
}

/**
 * The connection could not be made, broke, or carried something that is not HTTP. `code` is Node's
 * (ECONNREFUSED, ECONNRESET, ...), `closed`, `malformed_response`, `incomplete_response`, of HTTP/2
 * `stream_reset`, `refused_stream` or `no_streams`, of the forward proxy `proxy_failed` or
 * `proxy_refused`.
 */
export interface ConnectionFailedOutcome extends Failed {
  readonly kind: 'connection_failed';
  readonly code: string;
  /** Whether the receiver may have got the request. */
  readonly requestSent: boolean;
}

/** The handshake failed or the certificate is not good; `code` is OpenSSL's or Node's. */
export interface TlsFailedOutcome extends Failed {
  readonly kind: 'tls_failed';
  readonly code: string;
}

/** The deadline passed. `response` is what had come by then, in phase `body`. */
export interface TimeoutOutcome extends Failed {
  readonly kind: 'timeout';
  readonly phase: RequestPhase;
  readonly requestSent: boolean;
  readonly response?: ResponseHead;
}

/** The body or the headers exceed their bound; `response` is absent when it was the headers. */
export interface ResponseTooLargeOutcome extends Failed {
  readonly kind: 'response_too_large';
  readonly response?: ResponseHead;
}

/** The caller's signal, or the client was closed. */
export interface CancelledOutcome extends Failed {
  readonly kind: 'cancelled';
  readonly requestSent: boolean;
}

/** A bound of the client itself was reached; nothing was sent and the receiver is not to blame. */
export interface OverloadedOutcome extends Failed {
  readonly kind: 'overloaded';
}

type WithoutDuration<Outcome> = Outcome extends Timed ? Omit<Outcome, keyof Timed> : never;

/** An outcome before its duration is known. */
export type UntimedOutcome = WithoutDuration<HttpOutcome>;

/** What can go wrong before a connection stands. */
export type DialFailure = Extract<
  UntimedOutcome,
  { kind: 'refused' | 'dns_failed' | 'connection_failed' | 'tls_failed' }
>;
