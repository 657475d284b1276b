import type { ReceivedFormat } from './events/events.ts';
import { receivedFormats } from './parse-event.ts';
import type { BearerToken } from './signatures/bearer.ts';
import { readKeys, type VerificationKeys } from './signatures/keys.ts';

/**
 * How a sender proves itself: Standard Webhooks' headers, which every delivery of Hookline carries;
 * the hex HMAC of the body that goes with format `cdhosting`; the token of the `Authorization`
 * header.
 */
export type Proof = 'standard-webhooks' | 'hex-hmac' | 'bearer';

export interface ReceiverOptions<Format extends ReceivedFormat = 'standard'> {
  /** As Hookline shows it: `whsec_…`, a text of your own, or the public key `whpk_…`. */
  readonly secret?: string;
  /** While a secret is rotated, the new and the old one; any of them may have signed. */
  readonly secrets?: readonly string[];
  /** The subscription's format. Default: `standard`. */
  readonly format?: Format;
  /** How far `webhook-timestamp` may be off, either way. Default: 5 minutes; at most a day. */
  readonly toleranceMs?: number;
  /**
   * What must hold, all of it. Default: `standard-webhooks`, with `hex-hmac` for format
   * `cdhosting`, and `bearer` when a token is given. Naming them is for senders other than
   * Hookline: without `standard-webhooks` nothing tells a copied request from a new one but its id.
   */
  readonly proofs?: readonly Proof[];
  /** The header of the hex HMAC. Default: `X-Webhook-Signature`. */
  readonly signatureHeader?: string;
  /** The token that the subscription sends in `Authorization`. */
  readonly bearerToken?: string;
  /** How it is written there. Default: `base64` for format `virtfusion`, else `plain`. */
  readonly bearerEncoding?: 'base64' | 'plain';
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly now?: () => number;
}

/** The options, checked, with the defaults filled in. */
export interface Settings {
  readonly format: ReceivedFormat;
  readonly keys: VerificationKeys;
  readonly proofs: ReadonlySet<Proof>;
  readonly toleranceMs: number;
  readonly signatureHeader: string;
  readonly bearer: BearerToken | undefined;
  readonly now: () => number;
}

const TOLERANCE_MS = 5 * 60_000;
const TOLERANCE_MS_MAX = 24 * 60 * 60_000;
const PROOFS: readonly Proof[] = ['standard-webhooks', 'hex-hmac', 'bearer'];

/** Checks the options. Throws RangeError for what would refuse every request, or none. */
export function readOptions(options: ReceiverOptions<ReceivedFormat>): Settings {
  const { format = 'standard', toleranceMs = TOLERANCE_MS } = options;
  if (!receivedFormats.includes(format)) {
    throw new RangeError(`format "${format}" is not one of ${receivedFormats.join(', ')}`);
  }
  if (!(toleranceMs >= 0 && toleranceMs <= TOLERANCE_MS_MAX)) {
    throw new RangeError(`toleranceMs is ${toleranceMs}; use 0 to ${TOLERANCE_MS_MAX}, a day`);
  }
  const proofs = proofsOf(options, format);
  const keys = readKeys(secretsOf(options, proofs));
  if (proofs.has('hex-hmac') && keys.characters.length === 0) {
    throw new RangeError('the hex HMAC needs a secret; a public key (whpk_) cannot check it');
  }
  return {
    format,
    keys,
    proofs,
    toleranceMs,
    signatureHeader: options.signatureHeader ?? 'X-Webhook-Signature',
    bearer: bearerOf(options, format, proofs),
    now: options.now ?? Date.now,
  };
}

function proofsOf(
  options: ReceiverOptions<ReceivedFormat>,
  format: ReceivedFormat,
): ReadonlySet<Proof> {
  const { proofs } = options;
  if (proofs === undefined) {
    const set = new Set<Proof>(['standard-webhooks']);
    if (format === 'cdhosting') set.add('hex-hmac');
    if ('bearerToken' in options) set.add('bearer');
    return set;
  }
  const unknown = proofs.find((proof) => !PROOFS.includes(proof));
  if (proofs.length === 0 || unknown !== undefined) {
    throw new RangeError(`proofs must name at least one of ${PROOFS.join(', ')} and nothing else`);
  }
  return new Set(proofs);
}

function secretsOf(
  options: ReceiverOptions<ReceivedFormat>,
  proofs: ReadonlySet<Proof>,
): readonly string[] {
  const { secret, secrets } = options;
  if (secret !== undefined && secrets !== undefined) {
    throw new RangeError('both secret and secrets are given; give one of them');
  }
  const needed = proofs.has('standard-webhooks') || proofs.has('hex-hmac');
  if (!needed) return [];
  if (secrets !== undefined && secrets.length > 0) return secrets;
  if (secret === undefined || secret === '') {
    throw new RangeError('no secret is given; is its environment variable set?');
  }
  return [secret];
}

function bearerOf(
  options: ReceiverOptions<ReceivedFormat>,
  format: ReceivedFormat,
  proofs: ReadonlySet<Proof>,
): BearerToken | undefined {
  if (!proofs.has('bearer')) return undefined;
  const { bearerToken: token, bearerEncoding } = options;
  if (typeof token !== 'string' || token === '') {
    throw new RangeError('bearerToken is empty; is its environment variable set?');
  }
  const encoding = bearerEncoding ?? (format === 'virtfusion' ? 'base64' : 'plain');
  return { token, encoding };
}
