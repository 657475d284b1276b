import { DomainError } from '@hookline/contracts';
import { bearerApiKey, type Caller } from '@hookline/credentials';
import type { GrpcInterceptor } from './grpc-call.ts';
import { whileKeyIsGood } from './watched-key.ts';

/** Who a key belongs to, or undefined; `ApiKeyVerifier.verify` of @hookline/credentials. */
export type Authenticate = (apiKey: string) => Promise<Caller | undefined>;

/**
 * Lets only calls with a valid `authorization: Bearer <key>` in, and tells them who is calling. A
 * stream ends with UNAUTHENTICATED within seconds after its key was revoked or has expired.
 */
export function authenticateCalls(
  authenticate: Authenticate,
  options: { readonly recheckMs?: number } = {},
): GrpcInterceptor {
  const { recheckMs = RECHECK_MS } = options;
  return (next) => async (request, call) => {
    const apiKey = bearerApiKey(call.metadata.get('authorization')[0]?.toString());
    if (apiKey === undefined) {
      throw new DomainError(
        'unauthenticated',
        'an API key is needed: send the metadata `authorization: Bearer hk_…`',
      );
    }
    const caller = await verify(authenticate, apiKey);
    if (caller === undefined) throw keyRefused();
    const known = { ...call, caller };
    if (!call.isStream) return await next(request, known);
    const isGood = async () => (await authenticate(apiKey)) !== undefined;
    return await whileKeyIsGood((signal) => next(request, { ...known, signal }), {
      signal: call.signal,
      isGood,
      refusal: keyRefused,
      recheckMs,
    });
  };
}

/** A verifier believes an answer for as long, unless it hears of a revocation. */
const RECHECK_MS = 2_000;

function keyRefused(): DomainError {
  return new DomainError('unauthenticated', 'the API key is unknown, expired or revoked');
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
