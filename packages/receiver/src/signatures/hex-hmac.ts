import { createHmac, timingSafeEqual } from 'node:crypto';
import { type HeaderMap, requiredHeader } from '../headers.ts';
import { WebhookError } from '../webhook-error.ts';

export interface HexHmacCheck {
  readonly headers: HeaderMap;
  readonly headerName: string;
  readonly body: Uint8Array;
  /** The secrets' characters exactly as shown, `whsec_` included. */
  readonly secrets: readonly string[];
}

/**
 * Checks the bare lower-case hex HMAC-SHA256 of the body, as CDHosting's page does. It vouches for
 * the body alone: there is no timestamp in it, so that a copied request stays good for ever.
 * Compares in constant time. Throws WebhookError.
 */
export function checkHexHmac({ headers, headerName, body, secrets }: HexHmacCheck): void {
  const given = Buffer.from(requiredHeader(headers, headerName), 'utf8');
  const matches = secrets.some((secret) => {
    const expected = Buffer.from(createHmac('sha256', secret).update(body).digest('hex'), 'utf8');
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  if (!matches) {
    throw new WebhookError(
      'signature_mismatch',
      `${headerName} is not the hex HMAC-SHA256 of this body under the secret; its key are the secret’s characters exactly as shown, and the body is verified as it came, before any parsing`,
    );
  }
}
