import { createHash, timingSafeEqual } from 'node:crypto';
import { type HeaderMap, requiredHeader } from '../headers.ts';
import { WebhookError } from '../webhook-error.ts';

/** A token that the sender shows: as it is, or in base64 as VirtFusion sends it. */
export interface BearerToken {
  readonly token: string;
  readonly encoding: 'base64' | 'plain';
}

/**
 * Checks `Authorization: Bearer <token>`. It vouches for the sender only, not for a byte of the
 * body. Digests are compared, in constant time, so that not even the token's length shows. Throws
 * WebhookError.
 */
export function checkBearer(headers: HeaderMap, { token, encoding }: BearerToken): void {
  const value = requiredHeader(headers, 'authorization');
  const given = /^Bearer +(\S+)$/i.exec(value)?.[1] ?? '';
  const expected = encoding === 'base64' ? Buffer.from(token, 'utf8').toString('base64') : token;
  if (!timingSafeEqual(digest(given), digest(expected))) {
    throw new WebhookError(
      'authorization_mismatch',
      `the header authorization is not Bearer and the token${encoding === 'base64' ? ' in base64' : ''}`,
    );
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
