import { DomainError } from '@hookline/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';

export const idempotencyKeyHeader = {
  'Idempotency-Key': {
    type: 'string',
    minLength: 1,
    maxLength: 128,
    description:
      'Makes the request repeatable: a second one with the same key within 24 h gets the answer of the first.',
    examples: ['4f0c2a1e-order-17'],
  },
} as const;

export const ifMatchHeader = {
  'If-Match': {
    type: 'string',
    maxLength: 200,
    description:
      'The etag of the version that is to be changed, or `*` for any. When it is not the current one the answer is 412 and nothing changes.',
    examples: ['"1"'],
  },
} as const;

/** What repeats are recognised by; empty when the client sent no key. Its form was checked by the schema. */
export function requestIdOf({ headers }: FastifyRequest): string {
  const key = headers['idempotency-key'];
  return typeof key === 'string' ? key : '';
}

/**
 * The etag of `If-Match`; empty for `*` and for none, which mean any version. A weak one is handed on
 * as it is: it matches nothing (RFC 9110, 13.1.1).
 */
export function ifMatchOf({ headers }: FastifyRequest): string {
  const value = headers['if-match']?.trim();
  if (value === undefined || value === '*') return '';
  if (value === '' || value.includes(',')) {
    const detail = 'must be one etag, such as "1", or *';
    throw new DomainError('invalid_argument', `If-Match ${detail}`, {
      fields: [{ field: 'If-Match', detail }],
    });
  }
  return /^"([^"]*)"$/.exec(value)?.[1] ?? value;
}

/** Sends a body that has a version, with its `ETag`. */
export function withETag<T extends { readonly etag: string }>(reply: FastifyReply, body: T): T {
  if (body.etag !== '') void reply.header('etag', `"${body.etag}"`);
  return body;
}
