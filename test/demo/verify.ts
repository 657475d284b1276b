import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ReceivedRequest } from '@hookline/testing';
import { Webhook } from 'standardwebhooks';

/** What a receiver finds when it checks a request; `undefined`: that signature is not there to be checked. */
export interface Verification {
  readonly standard: boolean;
  readonly hexHmac: boolean | undefined;
}

/** Checks a request as receivers do: with the library of Standard Webhooks, and as CDHosting's page shows. */
export function verifyRequest(request: ReceivedRequest, secret: string): Verification {
  const signature = request.headers['x-webhook-signature'];
  return {
    standard: isStandardWebhook(request, secret),
    hexHmac: typeof signature === 'string' ? isHexHmac(request.body, signature, secret) : undefined,
  };
}

/** Whether every signature that is there is right, and at least the one that always is. */
export function isVerified({ standard, hexHmac }: Verification): boolean {
  return standard && hexHmac !== false;
}

function isStandardWebhook(request: ReceivedRequest, secret: string): boolean {
  // The library wants base64; a secret that somebody chose is its own bytes.
  const key = secret.startsWith('whsec_')
    ? secret
    : `whsec_${Buffer.from(secret).toString('base64')}`;
  try {
    new Webhook(key).verify(request.body, request.headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}

function isHexHmac(payload: Buffer, signature: string, secret: string): boolean {
  const expected = Buffer.from(createHmac('sha256', secret).update(payload).digest('hex'));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
