import { isIP } from 'node:net';
import { type AddressVerdict, classifyAddress, type OutboundPolicy } from './address-rules.ts';
import { isBlockedPort } from './blocked-ports.ts';

export const urlLengthMax = 2048;
const knownUrlsMax = 2_048;

export type RefusalCode =
  | 'url_invalid'
  | 'url_too_long'
  | 'scheme_not_allowed'
  | 'http_not_allowed'
  | 'userinfo_not_allowed'
  | 'port_not_allowed'
  | 'address_not_allowed'
  | 'request_invalid';

/** A refusal; `reason` is a sentence or two for a person, without path, query or credentials. */
export interface UrlRefusal {
  readonly ok: false;
  readonly code: RefusalCode;
  readonly reason: string;
}

export type UrlCheck = { readonly ok: true; readonly url: URL } | UrlRefusal;

/** Where a checked URL leads. `host` has no brackets around IPv6. */
export interface Target {
  readonly origin: string;
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** What the URL's own host is, when it is an address; else its name must be resolved. */
  readonly literal: AddressVerdict | undefined;
}

export const allowHint =
  'Use https and a public address, or have the operator add the subnet to HOOKLINE_ALLOW_SUBNETS.';
export const httpHint =
  'Use https, or have the operator add the subnet to HOOKLINE_ALLOW_SUBNETS (http is allowed there)' +
  ' or set HOOKLINE_ALLOW_HTTP=true (http everywhere).';

/**
 * Checks a URL as far as it can be without DNS, at registration and again at each send: it is
 * parsed as WHATWG URL (so every spelling of an address is the address), at most 2048 characters,
 * https (http where the policy allows it), without credentials, not on a port of another
 * protocol, and its host, when it is an address or a name of the loopback, is not a forbidden one.
 * A fragment is allowed and never sent.
 */
export function checkUrl(url: string, policy: OutboundPolicy): UrlCheck {
  const checked = checkRequestUrl(url, policy);
  return checked.ok ? { ok: true, url: checked.url } : checked;
}

/** A URL that passed {@link checkUrl}, and where it leads. */
export interface CheckedRequest {
  readonly ok: true;
  readonly url: URL;
  readonly target: Target;
  /** Path and query, as they are sent. */
  readonly path: string;
}

/** As {@link checkUrl}, answering where the request goes as well. */
export function checkRequestUrl(url: string, policy: OutboundPolicy): CheckedRequest | UrlRefusal {
  const parsed = parseUrl(url);
  if (!parsed.ok) return parsed;
  const target = targetOf(parsed.url, policy);
  const refused = checkTarget(target, policy);
  if (refused !== undefined) return refused;
  return { ok: true, url: parsed.url, target, path: parsed.url.pathname + parsed.url.search };
}

/**
 * {@link checkRequestUrl} that remembers: its answer depends on the text and the policy alone, and
 * a process sends to the same URLs over and over. At the bound all are forgotten.
 */
export function createUrlCheck(
  policy: OutboundPolicy,
): (url: string) => CheckedRequest | UrlRefusal {
  const known = new Map<string, CheckedRequest>();
  return function checkKnownUrl(url) {
    const earlier = known.get(url);
    if (earlier !== undefined) return earlier;
    const checked = checkRequestUrl(url, policy);
    if (known.size >= knownUrlsMax) known.clear();
    if (checked.ok) known.set(url, checked);
    return checked;
  };
}

/** Answers why an address must not be dialled for the target, or `undefined` when it may be. */
export function refuseAddress(
  verdict: AddressVerdict,
  target: Target,
  policy: OutboundPolicy,
): UrlRefusal | undefined {
  const subject = target.literal === undefined ? `${target.host} resolves to` : `${target.host} is`;
  if (verdict.kind === 'forbidden') {
    return refusal('address_not_allowed', `${subject} ${verdict.why}. ${allowHint}`);
  }
  if (!target.secure && !policy.allowHttp && verdict.kind === 'public') {
    return refusal(
      'http_not_allowed',
      `${subject} a public address, where plain http is not allowed. ${httpHint}`,
    );
  }
  return undefined;
}

function parseUrl(text: string): UrlCheck {
  if (typeof text !== 'string' || text.length === 0) {
    return refusal('url_invalid', 'There is no URL. Write one like https://example.com/webhooks.');
  }
  if (text.length > urlLengthMax) {
    return refusal('url_too_long', `The URL has ${text.length} characters; the limit is 2048.`);
  }
  // The parser would silently drop these; an operator reading the URL sees another one.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are the point.
  if (/[\u0000-\u0020\u007f]/.test(text)) {
    return refusal(
      'url_invalid',
      'The URL holds a space or a control character: percent-encode it.',
    );
  }
  const url = URL.parse(text);
  if (url === null) {
    return refusal('url_invalid', 'It is not a URL. Write one like https://example.com/webhooks.');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return refusal('scheme_not_allowed', `The scheme ${url.protocol} is not allowed. Use https.`);
  }
  if (url.username !== '' || url.password !== '') {
    return refusal(
      'userinfo_not_allowed',
      'The URL holds a user name or a password before the @. Send credentials in a header instead.',
    );
  }
  return { ok: true, url };
}

function targetOf(url: URL, policy: OutboundPolicy): Target {
  const secure = url.protocol === 'https:';
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const literal = isIP(host) === 0 ? undefined : classifyAddress(host, policy);
  return { origin: url.origin, secure, host, port, literal };
}

function checkTarget(target: Target, policy: OutboundPolicy): UrlRefusal | undefined {
  if (isBlockedPort(target.port)) {
    return refusal(
      'port_not_allowed',
      `Port ${target.port} belongs to another protocol than http. Use 443 or another port.`,
    );
  }
  if (target.literal !== undefined) return refuseAddress(target.literal, target, policy);
  if (isLoopbackName(target.host)) return checkLoopbackName(target, policy);
  if (!target.secure && !policy.allowHttp && policy.allowSubnets.length === 0) {
    return refusal('http_not_allowed', `Plain http is not allowed. ${httpHint}`);
  }
  return undefined;
}

/** RFC 6761 section 6.3: these names are the loopback, whatever a resolver says. */
function isLoopbackName(host: string): boolean {
  const name = host.endsWith('.') ? host.slice(0, -1) : host;
  return name === 'localhost' || name.endsWith('.localhost');
}

function checkLoopbackName(target: Target, policy: OutboundPolicy): UrlRefusal | undefined {
  const verdicts = ['127.0.0.1', '::1'].map((address) => classifyAddress(address, policy));
  if (verdicts.some((verdict) => verdict.kind !== 'forbidden')) return undefined;
  return refusal('address_not_allowed', `${target.host} is a loopback address. ${allowHint}`);
}

function refusal(code: RefusalCode, reason: string): UrlRefusal {
  return { ok: false, code, reason };
}
