import { createHash } from 'node:crypto';
import { DomainError } from '@hookline/contracts';
import { createTokenBuckets, formatRateLimit } from '@hookline/service-runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { setRateLimit } from './rate-limit-headers.ts';
import { createRecentSet } from './recent-set.ts';

const ADDRESSES_MAX = 10_000;
const KEYS_MAX = 10_000;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether an API key is asked for, where no description says so. */
    readonly keyed?: boolean;
  }
}

export interface StrangerLimit {
  /** Of one remote address, without a valid key. */
  readonly requestsPerSecond: number;
}

/**
 * Limits what comes without a valid API key, by remote address: the page, this API's description,
 * and guesses. An address that has used up its tokens is refused before its key is looked up, unless
 * that key was good lately: a guesser does not shut out those who share its address.
 *
 * Behind a proxy every stranger has the proxy's address, and shares its limit.
 */
export function limitStrangers(app: FastifyInstance, { requestsPerSecond }: StrangerLimit): void {
  const buckets = createTokenBuckets({ entriesMax: ADDRESSES_MAX });
  const goodKeys = createRecentSet(KEYS_MAX);

  app.addHook('onRequest', async (request, reply) => {
    const hash = hashOf(request);
    if (hash !== undefined && goodKeys.has(hash)) return;
    // A key that turns out to be good costs nothing: it takes its token only when it is refused.
    const take = buckets[hash === undefined ? 'take' : 'look'](request.ip, requestsPerSecond);
    if (take.taken) return;
    setRateLimit(reply, 'address', formatRateLimit(take, requestsPerSecond));
    throw new DomainError(
      'resource_exhausted',
      'too many requests without a valid API key from this address; send a key, or wait for a second',
      { retryAfterMs: Math.ceil(take.tokenInMs) },
    );
  });

  app.addHook('onResponse', async (request, reply) => {
    const hash = hashOf(request);
    if (hash === undefined) return;
    if (reply.statusCode === 401) {
      goodKeys.delete(hash);
      buckets.take(request.ip, requestsPerSecond);
    } else if (reply.statusCode < 400) {
      goodKeys.add(hash);
    }
  });
}

/**
 * Of the credential that a request brings to a route that asks for one: keys are not kept longer than
 * their request.
 */
function hashOf({ headers, routeOptions }: FastifyRequest): string | undefined {
  const { described, keyed = described !== undefined && !described.open } = routeOptions.config;
  if (!keyed || headers.authorization === undefined) return;
  return createHash('sha256').update(headers.authorization).digest('base64');
}
