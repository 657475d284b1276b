import { DomainError } from '@hookline/contracts';
import { bearerApiKey, type Caller } from '@hookline/credentials';
import type { GrpcInterceptor } from './grpc-call.ts';

/** Who a key belongs to, or undefined; `ApiKeyVerifier.verify` of @hookline/credentials. */
export type Authenticate = (apiKey: string) => Promise<Caller | undefined>;

/** Lets only calls with a valid `authorization: Bearer <key>` in, and tells them who is calling. */
export function authenticateCalls(authenticate: Authenticate): GrpcInterceptor {
  return (next) => async (request, call) => {
    const apiKey = bearerApiKey(call.metadata.get('authorization')[0]?.toString());
    if (apiKey === undefined) {
      throw new DomainError(
        'unauthenticated',
        'an API key is needed: send the metadata `authorization: Bearer hk_…`',
      );
    }
    const caller = await verify(authenticate, apiKey);
    if (caller === undefined) {
      throw new DomainError('unauthenticated', 'the API key is unknown, expired or revoked');
    }
    return next(request, { ...call, caller });
  };
}

async function verify(authenticate: Authenticate, apiKey: string): Promise<Caller | undefined> {
  try {
    return await authenticate(apiKey);
  } catch (error) {
    // Not UNAUTHENTICATED: the key may well be good, and a client told otherwise stops trying.
    throw new DomainError('unavailable', 'the API key cannot be checked at the moment; try again', {
      retryAfterMs: 2_000,
      cause: error,
    });
  }
}
