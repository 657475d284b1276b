import { createReceiver, type Proof, type ReceivedFormat } from '@hookline/receiver';
import type { ReceivedRequest } from '@hookline/testing';

/** What a receiver finds when it checks a request; `undefined`: that signature is not there to be checked. */
export interface Verification {
  readonly standard: boolean;
  readonly hexHmac: boolean | undefined;
}

/** Checks each signature of a request by itself, with what we give those who receive webhooks. */
export function verifyRequest(request: ReceivedRequest, secret: string): Verification {
  const hasHexHmac = request.headers['x-webhook-signature'] !== undefined;
  const format: ReceivedFormat = hasHexHmac ? 'cdhosting' : 'standard';
  const holds = (proof: Proof) =>
    createReceiver({ secret, format, proofs: [proof] }).verify(request).kind === 'verified';
  return {
    standard: holds('standard-webhooks'),
    hexHmac: hasHexHmac ? holds('hex-hmac') : undefined,
  };
}

/** Whether every signature that is there is right, and at least the one that always is. */
export function isVerified({ standard, hexHmac }: Verification): boolean {
  return standard && hexHmac !== false;
}
