import { createHmac, timingSafeEqual, verify } from 'node:crypto';
import { type HeaderMap, requiredHeader } from '../headers.ts';
import { WebhookError } from '../webhook-error.ts';
import type { VerificationKeys } from './keys.ts';

export interface StandardWebhooksCheck {
  readonly headers: HeaderMap;
  readonly body: Uint8Array;
  readonly keys: VerificationKeys;
  readonly nowMs: number;
  readonly toleranceMs: number;
}

/** What the signature vouches for besides the body. */
export interface SignedIds {
  readonly webhookId: string;
  readonly timestamp: Date;
}

/** More signatures than this in one header are not looked at: a rotation has a handful. */
const SIGNATURES_MAX = 16;

/**
 * Checks a request by Standard Webhooks 1.0: the three headers are there, the timestamp is within
 * the tolerance either way, and one of the signatures (`v1` HMAC-SHA256, `v1a` ed25519) over
 * `<id>.<timestamp>.<body>` is of one of the keys. Signatures of other versions are passed over.
 * Compares in constant time. Throws WebhookError for whatever is amiss.
 */
export function checkStandardWebhooks(check: StandardWebhooksCheck): SignedIds {
  const { headers, body, keys } = check;
  const webhookId = requiredHeader(headers, 'webhook-id');
  const timestamp = requiredHeader(headers, 'webhook-timestamp');
  const signatures = signaturesOf(headers);
  // The dot parts what is signed: an id that held one could be read in two ways.
  if (webhookId.includes('.')) {
    throw new WebhookError('invalid_header', 'the header webhook-id holds a dot');
  }
  const timestampMs = checkTimestamp(timestamp, check);
  const content = Buffer.concat([Buffer.from(`${webhookId}.${timestamp}.`, 'utf8'), body]);
  if (!signatures.some((signature) => isSignatureOf(signature, content, keys))) {
    throw new WebhookError(
      'signature_mismatch',
      'no signature in webhook-signature is of this body under the secret; check that the secret is this subscription’s and that the body is verified as it came, before any parsing',
    );
  }
  return { webhookId, timestamp: new Date(timestampMs) };
}

function signaturesOf(headers: HeaderMap): readonly string[] {
  const values = headers.get('webhook-signature') ?? [];
  // A header that came twice is joined by Node and by Headers with a comma and a space.
  const signatures = values.join(' ').split(/,? +/).filter(Boolean);
  if (signatures.length === 0) {
    throw new WebhookError('missing_header', 'the header webhook-signature is missing');
  }
  return signatures.slice(0, SIGNATURES_MAX);
}

function checkTimestamp(timestamp: string, check: StandardWebhooksCheck): number {
  if (!/^\d{1,12}$/.test(timestamp)) {
    throw new WebhookError(
      'invalid_header',
      'the header webhook-timestamp is no whole number of seconds since 1970',
    );
  }
  const ms = Number(timestamp) * 1000;
  const ageMs = check.nowMs - ms;
  if (ageMs > check.toleranceMs) {
    throw new WebhookError(
      'timestamp_too_old',
      `the request was signed ${seconds(ageMs)} ago, more than the ${seconds(check.toleranceMs)} allowed; is this machine’s clock right?`,
    );
  }
  if (-ageMs > check.toleranceMs) {
    throw new WebhookError(
      'timestamp_too_new',
      `the request was signed ${seconds(-ageMs)} ahead of this machine’s clock, more than the ${seconds(check.toleranceMs)} allowed; is the clock right?`,
    );
  }
  return ms;
}

function isSignatureOf(signature: string, content: Buffer, keys: VerificationKeys): boolean {
  const [version, encoded, ...rest] = signature.split(',');
  if (encoded === undefined || rest.length > 0) return false;
  const given = Buffer.from(encoded, 'base64');
  if (version === 'v1') {
    return keys.hmac.some((key) => {
      const expected = createHmac('sha256', key).update(content).digest();
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  }
  if (version === 'v1a') return keys.ed25519.some((key) => verify(null, content, key, given));
  return false;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
