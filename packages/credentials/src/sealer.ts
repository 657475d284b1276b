import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

export class SealError extends Error {
  override name = 'SealError';
}

export interface Sealer {
  /** The id of the key that `seal` uses: 8 hex digits, safe to show. */
  readonly keyId: string;
  /**
   * Encrypts a text for one place. `context` says where it belongs, e.g. `subscription:sub_…:secret`:
   * it is authenticated with the text, so that a sealed value moved to another row does not open.
   */
  seal(plaintext: string, context: string): string;
  /** @throws SealError when the key is not among ours, or the value was altered or moved. */
  open(sealed: string, context: string): string;
  /** Whether the value was sealed with another key than the present one and should be sealed anew. */
  isStale(sealed: string): boolean;
}

const version = 'v1';

function parseMasterKey(text: string): Buffer {
  const key = Buffer.from(text, 'base64');
  if (!/^[A-Za-z0-9+/]{43}=$/.test(text.trim()) || key.length !== 32) {
    throw new SealError('the master key must be 32 bytes in base64 (44 characters)');
  }
  return key;
}

function keyIdOf(key: Buffer): string {
  // A prefix of a hash of 256 random bits gives nothing away that would help to find them.
  return createHash('sha256')
    .update('hookline master key id')
    .update(key)
    .digest('hex')
    .slice(0, 8);
}

/**
 * Seals secrets at rest with AES-256-GCM: `v1.<key id>.<nonce>.<ciphertext and tag>`, base64url.
 *
 * Nonces are random, 96 bits: with one key that is sound for some 2^32 values, far above the number
 * of secrets there will ever be (NIST SP 800-38D, 8.3). `olderKeys` still open what they sealed, so a
 * master key is changed by giving the new one, keeping the old one here, and sealing anew what
 * `isStale` names.
 *
 * @param masterKey 32 bytes, base64.
 */
export function createSealer(masterKey: string, olderKeys: readonly string[] = []): Sealer {
  const current = parseMasterKey(masterKey);
  const keyId = keyIdOf(current);
  const keys = new Map(
    [current, ...olderKeys.map(parseMasterKey)].map((key) => [keyIdOf(key), key]),
  );
  const associatedData = (id: string, context: string) =>
    Buffer.from(`${version}.${id}.${context}`);

  return {
    keyId,
    seal(plaintext, context) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', current, nonce);
      cipher.setAAD(associatedData(keyId, context));
      const body = [cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()];
      return [
        version,
        keyId,
        nonce.toString('base64url'),
        Buffer.concat(body).toString('base64url'),
      ].join('.');
    },
    open(sealed, context) {
      const [form, id = '', nonceText = '', bodyText = '', ...more] = sealed.split('.');
      const nonce = Buffer.from(nonceText, 'base64url');
      const body = Buffer.from(bodyText, 'base64url');
      if (form !== version || more.length > 0 || nonce.length !== 12 || body.length < 16) {
        throw new SealError('this is not a sealed value');
      }
      const key = keys.get(id);
      if (key === undefined) {
        throw new SealError(
          `sealed with the master key ${id}, which is not the one given (${keyId}): set HOOKLINE_MASTER_KEY to the key that was in use`,
        );
      }
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
      decipher.setAAD(associatedData(id, context));
      decipher.setAuthTag(body.subarray(-16));
      try {
        return decipher.update(body.subarray(0, -16)).toString('utf8') + decipher.final('utf8');
      } catch {
        throw new SealError('the sealed value was altered, or belongs to another place');
      }
    },
    isStale: (sealed) => sealed.split('.')[1] !== keyId,
  };
}
