import type { FastifyReply, FastifyRequest } from 'fastify';
import { SESSION_MS } from './sealed-session.ts';

/**
 * Over https the name's prefix makes browsers take the cookie only from this very host, and with
 * Secure; over plain http, which is for one's own machine, they would not take such a one at all.
 */
const NAMES = { https: '__Host-hookline_session', http: 'hookline_session' } as const;

/** The sealed session that a request brings. */
export function readSessionCookie({ headers }: FastifyRequest): string | undefined {
  const given = new Map(
    (headers.cookie ?? '').split(';').map((part): [string, string] => {
      const at = part.indexOf('=');
      return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    }),
  );
  return given.get(NAMES.https) ?? given.get(NAMES.http);
}

/** Has the browser keep a session, or forget it. */
export function setSessionCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  sealed: string | undefined,
): void {
  const isSecure = isOverHttps(request);
  const cookie = [
    `${isSecure ? NAMES.https : NAMES.http}=${sealed ?? ''}`,
    'Path=/',
    `Max-Age=${sealed === undefined ? 0 : SESSION_MS / 1000}`,
    'HttpOnly',
    'SameSite=Strict',
    ...(isSecure ? ['Secure'] : []),
  ];
  void reply.header('set-cookie', cookie.join('; '));
}

/** What the browser's own address bar says: a proxy that ends TLS does not have to be believed. */
function isOverHttps({ headers }: FastifyRequest): boolean {
  return headers.origin?.startsWith('https://') ?? false;
}
