import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

export class SealError extends Error {
  override name = 'SealError';
}

/** The key a value was sealed with has been destroyed: nobody will ever read it again. */
export class ShreddedError extends SealError {
  override name = 'ShreddedError';
}

/** 32 bytes, and the id by which sealed values name them: 8 hex digits, safe to show. */
export interface SealingKey {
  readonly id: string;
  readonly bytes: Buffer;
}

/** The parts of a sealed value, `<form>.<key id>.<nonce>.<ciphertext and tag>`. */
export interface SealedParts {
  readonly form: string;
  readonly keyId: string;
  readonly nonce: Buffer;
  readonly body: Buffer;
}

/** The key of some bytes. A prefix of a hash of 256 random bits gives nothing of them away. */
export function sealingKeyOf(bytes: Buffer): SealingKey {
  const digest = createHash('sha256').update('hookline master key id').update(bytes).digest('hex');
  return { id: digest.slice(0, 8), bytes };
}

/** @throws SealError unless the text has the form of a sealed value */
export function parseSealed(sealed: string): SealedParts {
  const [form = '', keyId = '', nonceText = '', bodyText = '', ...more] = sealed.split('.');
  const nonce = Buffer.from(nonceText, 'base64url');
  const body = Buffer.from(bodyText, 'base64url');
  const isKnown = form === 'v1' || form === 'v2';
  if (!isKnown || more.length > 0 || nonce.length !== 12 || body.length < 16) {
    throw new SealError('this is not a sealed value');
  }
  return { form, keyId, nonce, body };
}

/** Whether a text has the form of a sealed value; says nothing about its opening. */
export function isSealed(text: string): boolean {
  return /^v[12]\.[0-9a-f]{8}\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{22,}$/.test(text);
}

/**
 * AES-256-GCM under one key. The form and the context are authenticated with the text, so that a
 * sealed value that is moved to another place, or said to be of another form, does not open.
 */
export function sealWith(
  key: SealingKey,
  form: 'v1' | 'v2',
  text: { readonly plaintext: string; readonly context: string },
): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce);
  cipher.setAAD(associatedData(form, key.id, text.context));
  const body = [cipher.update(text.plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()];
  const encoded = [nonce, Buffer.concat(body)].map((part) => part.toString('base64url'));
  return [form, key.id, ...encoded].join('.');
}

/** @throws SealError when the value was altered, or belongs to another place */
export function openWith(key: SealingKey, parts: SealedParts, context: string): string {
  const { form, nonce, body } = parts;
  const decipher = createDecipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: 16 });
  decipher.setAAD(associatedData(form, key.id, context));
  decipher.setAuthTag(body.subarray(-16));
  try {
    return decipher.update(body.subarray(0, -16)).toString('utf8') + decipher.final('utf8');
  } catch {
    throw new SealError('the sealed value was altered, or belongs to another place');
  }
}

function associatedData(form: string, keyId: string, context: string): Buffer {
  return Buffer.from(`${form}.${keyId}.${context}`);
}
