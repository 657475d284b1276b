import type { UrlRefusal } from './url-rules.ts';

export interface HttpRequest {
  readonly url: string;
  readonly method: 'DELETE' | 'GET' | 'HEAD' | 'OPTIONS' | 'PATCH' | 'POST' | 'PUT';
  /** Names are sent in the case given. `host`, `content-length` and `connection` are the client's. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sent byte for byte; a string as UTF-8. Absent or empty is no body. */
  readonly body?: Uint8Array | string;
  /** One deadline over waiting for a connection, DNS, connect, TLS, headers and body: 1 to 600,000. */
  readonly timeoutMs: number;
  /** A longer response body ends the request as `response_too_large`. Default: 1 MiB. */
  readonly responseBytesMax?: number;
  /** How much of the response body is kept. Default: 2 KiB. */
  readonly excerptBytesMax?: number;
  readonly signal?: AbortSignal;
}

const timeoutMsMax = 600_000;
const goodNamesMax = 1_024;

/** They frame the message or choose its receiver: a caller's would contradict the checked URL. */
const reservedHeaders: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const tokenPattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// Tab, and all that is visible or a space in Latin-1: what goes into a header without harm.
const valuePattern = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Whether a header may be sent; the answer says why not, without the value. Also for registration. */
export function checkHeader(name: string, value: string): UrlRefusal | undefined {
  if (!tokenPattern.test(name)) {
    return refusal("A header name may hold letters, digits and !#$%&'*+-.^_`|~ only.");
  }
  if (reservedHeaders.has(name.toLowerCase())) {
    return refusal(`The header ${name} is set by the HTTP client and cannot be given.`);
  }
  if (!isHeaderValue(value)) {
    return refusal(
      `The value of the header ${name} holds a line break or another forbidden character.`,
    );
  }
  return undefined;
}

/** Whether nothing in it could end the header, or is beyond Latin-1. */
export function isHeaderValue(value: string): boolean {
  return valuePattern.test(value);
}

/**
 * Makes the check of all but the URL. Every value is checked again as it is written, so here each
 * name is looked at only until it is known to be good: a delivery carries the same dozen each time.
 */
export function createRequestCheck(): (request: HttpRequest) => UrlRefusal | undefined {
  const goodNames = new Set<string>();
  return function checkRequest({ headers, timeoutMs }) {
    if (!(timeoutMs >= 1 && timeoutMs <= timeoutMsMax)) {
      return refusal(`The timeout of ${timeoutMs} ms is not within 1 and ${timeoutMsMax}.`);
    }
    for (const name in headers) {
      if (goodNames.has(name)) continue;
      const refused = checkHeader(name, headers[name] ?? '');
      if (refused !== undefined) return refused;
      if (goodNames.size >= goodNamesMax) goodNames.clear();
      goodNames.add(name);
    }
    return undefined;
  };
}

function refusal(reason: string): UrlRefusal {
  return { ok: false, code: 'request_invalid', reason };
}
