import { createHmac, timingSafeEqual } from 'node:crypto';
import { createKeyCache } from './key-cache.ts';
import { signEd25519, verifyEd25519 } from './signing-key.ts';

/** Seconds that a receiver may be off, either way, as in the Standard Webhooks libraries. */
export const TOLERANCE_SECONDS = 300;

/** More secrets than this in use at once cost a key derivation now and then, nothing else. */
const KEYS_MAX = 4096;
const keyOf = createKeyCache(KEYS_MAX);

/** One message to sign. */
export interface StandardWebhookMessage {
  /** The `webhook-id`; holds no `.`, which separates the parts of the signed content. */
  readonly id: string;
  /** The `webhook-timestamp`: whole seconds since 1970 of this attempt. */
  readonly timestampSeconds: number;
  /** Exactly the bytes that are sent; a string stands for its UTF-8 bytes. */
  readonly body: Uint8Array | string;
  /** One signature for each, in this order: the newest first, then those of a running rotation. */
  readonly secrets: readonly string[];
  /** Private ed25519 keys (`whsk_…`), likewise; their signatures follow those of the secrets. */
  readonly signingKeys?: readonly string[];
}

/**
 * The `webhook-signature` header of Standard Webhooks 1.0: HMAC-SHA256 over
 * `<id>.<timestamp>.<body>` as `v1,<base64>`, and ed25519 over the same as `v1a,<base64>`, several
 * joined by a space.
 *
 * Throws RangeError for what could never be verified: an id that is empty or holds a `.`, a
 * timestamp that is no whole number of seconds, no secret at all, an empty secret.
 */
export function signStandardWebhook(message: StandardWebhookMessage): string {
  const { id, timestampSeconds, body, secrets } = message;
  if (id === '' || id.includes('.')) throw new RangeError(`webhook id "${id}" is empty or has a .`);
  if (!Number.isSafeInteger(timestampSeconds) || timestampSeconds < 0) {
    throw new RangeError(`webhook timestamp ${timestampSeconds} is no whole number of seconds`);
  }
  if (secrets.length === 0) throw new RangeError('no secret to sign with');
  const prefix = `${id}.${timestampSeconds}.`;
  let header = '';
  for (const secret of secrets) {
    if (secret === '') throw new RangeError('an empty secret cannot sign');
    header += `${header && ' '}v1,${digest(secret, prefix, body).toString('base64')}`;
  }
  for (const key of message.signingKeys ?? []) {
    header += ` ${signEd25519(key, contentOf(prefix, body))}`;
  }
  return header;
}

/** What verifyStandardWebhook answers. */
export type StandardWebhookVerdict =
  | { readonly kind: 'verified'; readonly id: string; readonly timestampSeconds: number }
  | { readonly kind: 'refused'; readonly reason: RefusalReason };

export type RefusalReason =
  | 'missing_header'
  | 'invalid_timestamp'
  | 'too_old'
  | 'too_new'
  | 'no_matching_signature';

/** Headers as Node gives them, or any record; names in any case. */
export type WebhookHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** One received request to verify. */
export interface ReceivedWebhook {
  readonly headers: WebhookHeaders;
  /** The raw body, before any parsing. */
  readonly body: Uint8Array | string;
  /** Any of them may have signed. */
  readonly secrets: readonly string[];
  /** Public ed25519 keys (`whpk_…`), any of which may have signed as `v1a`. */
  readonly publicKeys?: readonly string[];
  readonly nowSeconds: number;
  readonly toleranceSeconds?: number;
}

/**
 * Verifies a Standard Webhooks 1.0 request, as a receiver does: the three headers are there, the
 * timestamp is within the tolerance, and one of the `v1` signatures is of one of the secrets.
 * Signatures of other versions are passed over. Compares in constant time; never throws.
 */
export function verifyStandardWebhook(request: ReceivedWebhook): StandardWebhookVerdict {
  const id = header(request.headers, 'webhook-id');
  const timestamp = header(request.headers, 'webhook-timestamp');
  const signatures = header(request.headers, 'webhook-signature');
  if (!id || !timestamp || !signatures) return refused('missing_header');
  if (!/^\d{1,15}$/.test(timestamp)) return refused('invalid_timestamp');
  const timestampSeconds = Number(timestamp);
  const tolerance = request.toleranceSeconds ?? TOLERANCE_SECONDS;
  if (timestampSeconds < request.nowSeconds - tolerance) return refused('too_old');
  if (timestampSeconds > request.nowSeconds + tolerance) return refused('too_new');
  const prefix = `${id}.${timestamp}.`;
  const expected = request.secrets
    .filter((secret) => secret !== '')
    .map((secret) => digest(secret, prefix, request.body));
  const { publicKeys = [] } = request;
  for (const entry of signatures.split(' ')) {
    const content = entry.startsWith('v1a,') && contentOf(prefix, request.body);
    if (content && verifyEd25519({ signature: entry.slice(4), content, publicKeys })) {
      return { kind: 'verified', id, timestampSeconds };
    }
    if (!entry.startsWith('v1,')) continue;
    const given = Buffer.from(entry.slice(3), 'base64');
    if (expected.some((own) => own.length === given.length && timingSafeEqual(own, given))) {
      return { kind: 'verified', id, timestampSeconds };
    }
  }
  return refused('no_matching_signature');
}

function digest(secret: string, prefix: string, body: Uint8Array | string): Buffer {
  const hmac = createHmac('sha256', keyOf(secret));
  // One call into OpenSSL where there can be one.
  if (typeof body === 'string') return hmac.update(prefix + body).digest();
  return hmac.update(prefix).update(body).digest();
}

function contentOf(prefix: string, body: Uint8Array | string): Buffer {
  return Buffer.concat([Buffer.from(prefix), Buffer.from(body as Uint8Array)]);
}

function refused(reason: RefusalReason): StandardWebhookVerdict {
  return { kind: 'refused', reason };
}

function header(headers: WebhookHeaders, name: string): string | undefined {
  const direct = headers[name] ?? Object.entries(headers).find(([key]) => sameName(key, name))?.[1];
  return typeof direct === 'string' ? direct : direct?.join(' ');
}

function sameName(key: string, name: string): boolean {
  return key.length === name.length && key.toLowerCase() === name;
}
