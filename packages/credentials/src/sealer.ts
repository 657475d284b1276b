import { openWith, parseSealed, SealError, sealingKeyOf, sealWith } from './sealing-key.ts';

export interface Sealer {
  /** The id of the master key: 8 hex digits, safe to show. */
  readonly keyId: string;
  /**
   * Encrypts a text for one place. `context` says where it belongs, e.g.
   * `subscription:<tenant>/sub_…:secret`: it is authenticated with the text, so that a sealed value
   * moved to another row does not open.
   */
  seal(plaintext: string, context: string): string;
  /** @throws SealError when the key is not among ours, or the value was altered or moved. */
  open(sealed: string, context: string): string;
  /** Whether the value was sealed with another key than the present one and should be sealed anew. */
  isStale(sealed: string): boolean;
  /**
   * Has the keys of these tenants at hand, for the calls that follow. Resolves at once where
   * tenants have no keys of their own.
   */
  ready(tenants: Iterable<string>): Promise<void>;
}

/** @throws SealError unless the text is 32 bytes in base64 */
export function parseMasterKey(text: string): Buffer {
  const key = Buffer.from(text, 'base64');
  if (!/^[A-Za-z0-9+/]{43}=$/.test(text.trim()) || key.length !== 32) {
    throw new SealError('the master key must be 32 bytes in base64 (44 characters)');
  }
  return key;
}

/**
 * Seals with the master key itself: `v1.<key id>.<nonce>.<ciphertext and tag>`, base64url.
 *
 * Nonces are random, 96 bits: with one key that is sound for some 2^32 values, far above the number
 * of secrets there will ever be (NIST SP 800-38D, 8.3). `olderKeys` still open what they sealed, so a
 * master key is changed by giving the new one, keeping the old one here, and sealing anew what
 * `isStale` names.
 *
 * @param masterKey 32 bytes, base64.
 */
export function createSealer(masterKey: string, olderKeys: readonly string[] = []): Sealer {
  const current = sealingKeyOf(parseMasterKey(masterKey));
  const older = olderKeys.map((text) => sealingKeyOf(parseMasterKey(text)));
  const keys = new Map([...older, current].map((key) => [key.id, key]));
  const keyId = current.id;
  return {
    keyId,
    seal: (plaintext, context) => sealWith(current, 'v1', { plaintext, context }),
    open(sealed, context) {
      const parts = parseSealed(sealed);
      if (parts.form !== 'v1') {
        throw new SealError('this value is sealed with a key of its tenant, not with a master key');
      }
      const key = keys.get(parts.keyId);
      if (key === undefined) {
        throw new SealError(
          `sealed with the master key ${parts.keyId}, which is not the one given (${keyId}): set HOOKLINE_MASTER_KEY to the key that was in use, or name that one in HOOKLINE_MASTER_KEYS_OLD`,
        );
      }
      return openWith(key, parts, context);
    },
    isStale: (sealed) => sealed.split('.')[1] !== keyId,
    ready: () => Promise.resolve(),
  };
}
