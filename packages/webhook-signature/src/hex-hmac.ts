import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Lower-case hex HMAC-SHA256 of the raw body, bare: no prefix, no timestamp, as CDHosting's page
 * verifies it. Keys on the secret's characters exactly as shown: a `whsec_` is not decoded, since
 * that page's receivers pass the text straight to their HMAC. (A cache of keys was measured here to
 * gain nothing: Node takes a text key as it stands.)
 */
export function signHexHmac(secret: string, body: Uint8Array | string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/** Whether `signature` is signHexHmac of the body under one of the secrets. Constant time; never throws. */
export function verifyHexHmac(request: {
  readonly signature: string;
  readonly body: Uint8Array | string;
  readonly secrets: readonly string[];
}): boolean {
  const given = Buffer.from(request.signature, 'utf8');
  return request.secrets.some((secret) => {
    const expected = Buffer.from(signHexHmac(secret, request.body), 'utf8');
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
}
