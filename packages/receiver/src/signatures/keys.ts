import { createPublicKey, type KeyObject } from 'node:crypto';

/** What a receiver checks signatures with; several of each while a secret is rotated. */
export interface VerificationKeys {
  /** HMAC keys of Standard Webhooks `v1`. */
  readonly hmac: readonly Uint8Array[];
  /** The secrets' characters exactly as shown: keys of the hex HMAC. */
  readonly characters: readonly string[];
  /** Public keys of Standard Webhooks `v1a`. */
  readonly ed25519: readonly KeyObject[];
}

const SYMMETRIC_PREFIX = 'whsec_';
const PUBLIC_PREFIX = 'whpk_';
const PRIVATE_PREFIX = 'whsk_';
const ED25519_BYTES = 32;
/** What comes before the 32 bytes of an ed25519 key in its DER form, RFC 8410. */
const ED25519_DER = Buffer.from('302a300506032b6570032100', 'hex');
/** Padded standard base64, as Standard Webhooks libraries decode it. */
const PADDED_BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Reads secrets as Hookline shows them: `whsec_<base64>` is decoded for `v1`, `whpk_<base64>` is a
 * public key for `v1a` and never a secret, anything else is its UTF-8 bytes.
 *
 * Throws RangeError for what would make every check fail, or worse, hold: none, an empty one (an
 * environment variable that is not set), a line break at the end (read from a file), a private key.
 */
export function readKeys(secrets: readonly string[]): VerificationKeys {
  const hmac: Uint8Array[] = [];
  const characters: string[] = [];
  const ed25519: KeyObject[] = [];
  for (const [index, secret] of secrets.entries()) {
    checkSecret(secret, secrets.length === 1 ? 'the secret' : `secret ${index + 1}`);
    if (secret.startsWith(PUBLIC_PREFIX)) ed25519.push(publicKey(secret));
    else {
      hmac.push(hmacKey(secret));
      characters.push(secret);
    }
  }
  return { hmac, characters, ed25519 };
}

function checkSecret(secret: unknown, which: string): void {
  if (typeof secret !== 'string' || secret === '') {
    throw new RangeError(`${which} is empty or no text; is its environment variable set?`);
  }
  if (/^\s|[\r\n]|\s$/.test(secret)) {
    throw new RangeError(`${which} has white space around it or a line break; trim it`);
  }
  if (secret.startsWith(PRIVATE_PREFIX)) {
    throw new RangeError(`${which} is a private key (whsk_); a receiver has the whpk_ one`);
  }
}

function hmacKey(secret: string): Uint8Array {
  const encoded = secret.slice(SYMMETRIC_PREFIX.length);
  const isEncoded =
    secret.startsWith(SYMMETRIC_PREFIX) && encoded !== '' && PADDED_BASE64.test(encoded);
  return isEncoded ? Buffer.from(encoded, 'base64') : Buffer.from(secret, 'utf8');
}

function publicKey(text: string): KeyObject {
  const encoded = text.slice(PUBLIC_PREFIX.length);
  const bytes = Buffer.from(encoded, 'base64');
  if (!PADDED_BASE64.test(encoded) || bytes.length !== ED25519_BYTES) {
    throw new RangeError(
      'the public key is not whpk_ and the base64 of 32 bytes; copy it as Hookline shows it',
    );
  }
  const key = Buffer.concat([ED25519_DER, bytes]);
  return createPublicKey({ key, format: 'der', type: 'spki' });
}
