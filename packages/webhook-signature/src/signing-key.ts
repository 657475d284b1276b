import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';

/** Prefixes by which Standard Webhooks marks the two halves of an ed25519 pair. */
export const PRIVATE_KEY_PREFIX = 'whsk_';
export const PUBLIC_KEY_PREFIX = 'whpk_';

/** What stands before the 32 bytes of an ed25519 key in PKCS #8 and in SPKI (RFC 8410). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;

/** Keys in use at once beyond this cost a parse of 30 µs now and then, nothing else. */
const KEYS_MAX = 4096;

/** An ed25519 pair as Standard Webhooks writes it. */
export interface SigningKeyPair {
  /** `whsk_` and the base64 of 64 bytes: the seed, then the public key. A secret. */
  readonly privateKey: string;
  /** `whpk_` and the base64 of 32 bytes. */
  readonly publicKey: string;
}

/** Makes a pair for `v1a` signatures. */
export function generateSigningKeyPair(): SigningKeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-KEY_BYTES);
  const point = publicKey.export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES);
  return {
    privateKey: PRIVATE_KEY_PREFIX + Buffer.concat([seed, point]).toString('base64'),
    publicKey: PUBLIC_KEY_PREFIX + point.toString('base64'),
  };
}

/** The `v1a` entry of `webhook-signature` over the signed content. Throws RangeError for no private key. */
export function signEd25519(privateKey: string, content: Uint8Array): string {
  return `v1a,${sign(null, content, privateKeyOf(privateKey)).toString('base64')}`;
}

/** Whether `signature` (base64) is of the content under one of the public keys; never throws. */
export function verifyEd25519(request: {
  readonly signature: string;
  readonly content: Uint8Array;
  readonly publicKeys: readonly string[];
}): boolean {
  const given = Buffer.from(request.signature, 'base64');
  return request.publicKeys.some((publicKey) => {
    const bytes = bytesOf(publicKey, PUBLIC_KEY_PREFIX);
    if (bytes?.length !== KEY_BYTES) return false;
    const der = Buffer.concat([SPKI_HEAD, bytes]);
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return verify(null, request.content, key, given);
  });
}

const keys = new Map<string, KeyObject>();

function privateKeyOf(privateKey: string): KeyObject {
  const known = keys.get(privateKey);
  if (known !== undefined) return known;
  const bytes = bytesOf(privateKey, PRIVATE_KEY_PREFIX);
  if (bytes?.length !== 2 * KEY_BYTES)
    throw new RangeError('not an ed25519 key of whsk_ and base64');
  const der = Buffer.concat([PKCS8_HEAD, bytes.subarray(0, KEY_BYTES)]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const [oldest] = keys.keys();
  if (keys.size >= KEYS_MAX && oldest !== undefined) keys.delete(oldest);
  keys.set(privateKey, key);
  return key;
}

function bytesOf(text: string, prefix: string): Buffer | undefined {
  return text.startsWith(prefix) ? Buffer.from(text.slice(prefix.length), 'base64') : undefined;
}
