import { DomainError } from '@hookline/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isSame, type Session, type SessionSealer } from './sealed-session.ts';
import { readSessionCookie } from './session-cookie.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** It begins a session, whatever session there was before. */
    readonly signsIn?: boolean;
  }
  interface FastifyRequest {
    /** Of the cookie that it brought, unless it brought an API key of its own. */
    session: Session | undefined;
  }
}

const SAFE_METHODS = new Set(['GET', 'HEAD']);

/**
 * Lets a session stand for the API key that it was begun with: from here on a browser's request is
 * like any other, and meets the same walls in the services.
 *
 * Cookies come along with whatever a browser sends, so what changes something has to prove that it
 * comes from the page: by a token that only the page can read, and by where the browser says it
 * comes from. SameSite alone would not do: another port of the same host is the same site.
 */
export function acceptSessions(app: FastifyInstance, sealer: SessionSealer): void {
  app.decorateRequest('session', undefined);
  app.addHook('onRequest', async (request) => {
    const { headers, method, routeOptions } = request;
    if (headers.authorization !== undefined || routeOptions.config.signsIn) return;
    const sealed = readSessionCookie(request);
    const session = sealed === undefined ? undefined : sealer.open(sealed);
    if (session === undefined) return;
    if (!SAFE_METHODS.has(method)) {
      refuseOtherOrigins(request);
      refuseWithoutToken(request, session);
    }
    request.session = session;
    headers.authorization = `Bearer ${session.apiKey}`;
  });
}

/** @throws DomainError for a request that a page of another origin made */
export function refuseOtherOrigins({ headers }: FastifyRequest): void {
  const site = headers['sec-fetch-site'];
  const isOwn = site === undefined ? isOwnOrigin(headers) : site === 'same-origin';
  if (isOwn) return;
  throw new DomainError(
    'permission_denied',
    'this request comes from a page of another origin; open the console itself',
  );
}

/** Without either header it is no browser of this decade, and the token decides. */
function isOwnOrigin({ origin, host }: FastifyRequest['headers']): boolean {
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

function refuseWithoutToken({ headers }: FastifyRequest, { csrfToken }: Session): void {
  const given = headers['x-csrf-token'];
  if (typeof given === 'string' && isSame(given, csrfToken)) return;
  throw new DomainError(
    'permission_denied',
    'the header X-CSRF-Token is missing or not that of this session; load the page again',
  );
}
