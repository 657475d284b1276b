import { DomainError } from '@hookline/contracts';
import { bearerApiKey, type Caller, isApiKey, requireRole } from '@hookline/credentials';
import type { Authenticate } from '@hookline/service-runtime';
import type { FastifyRequest } from 'fastify';

/**
 * The publisher of a request: by its bearer, plain or in base64, else by the key in its path. Throws
 * DomainError.
 */
export async function identify(
  request: FastifyRequest,
  authenticate: Authenticate,
): Promise<Caller> {
  const { key: pathKey } = request.params as { readonly key?: string };
  const { authorization } = request.headers;
  const bearer = bearerApiKey(authorization, { allowBase64: true });
  const apiKey = bearer ?? (pathKey !== undefined && isApiKey(pathKey) ? pathKey : undefined);
  if (apiKey === undefined) {
    throw new DomainError(
      'unauthenticated',
      'a publisher key is needed: send the header "Authorization: Bearer hk_…", or put the key at the end of the path',
    );
  }
  const caller = await verify(authenticate, apiKey);
  if (caller === undefined) {
    throw new DomainError('unauthenticated', 'the API key is unknown, expired or revoked');
  }
  requireRole(caller, 'publisher');
  return caller;
}

async function verify(authenticate: Authenticate, apiKey: string): Promise<Caller | undefined> {
  try {
    return await authenticate(apiKey);
  } catch (error) {
    // Not 401: the key may well be good, and a sender told otherwise stops trying.
    throw new DomainError('unavailable', 'the API key cannot be checked at the moment; try again', {
      retryAfterMs: 2_000,
      cause: error,
    });
  }
}
