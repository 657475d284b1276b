import type { Metadata } from '@grpc/grpc-js';
import { RATE_LIMIT_TRAILER } from '@hookline/service-runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** What the last call on behalf of a request said; a request that is gone takes its entry along. */
const told = new WeakMap<FastifyRequest, string>();

/** Keeps what a service said about the limit of the key that it was called with. */
export function rememberRateLimit(request: FastifyRequest, trailers: Metadata): void {
  const limit = trailers.get(RATE_LIMIT_TRAILER)[0];
  if (typeof limit === 'string') told.set(request, limit);
}

/**
 * Sets `RateLimit` and `RateLimit-Policy`, structured fields as draft-ietf-httpapi-ratelimit-headers
 * has them, from what the service behind the request said; without that, none.
 */
export function sendRateLimit(request: FastifyRequest, reply: FastifyReply): void {
  const limit = told.get(request);
  if (limit !== undefined) setRateLimit(reply, 'key', limit);
}

/** Sets both headers from a limit as `formatRateLimit` writes it. */
export function setRateLimit(reply: FastifyReply, policy: string, limit: string): void {
  const [quota, window, remaining, reset] = limit.split(';');
  void reply
    .header('ratelimit-policy', `"${policy}";q=${quota};w=${window}`)
    .header('ratelimit', `"${policy}";r=${remaining};t=${reset}`);
}
