import { createHash, randomBytes } from 'node:crypto';

export const roles = ['admin', 'editor', 'viewer', 'publisher'] as const;
export type Role = (typeof roles)[number];

/** Who is calling: what a valid API key stands for. */
export interface Caller {
  readonly tenant: string;
  /** `key_…` */
  readonly keyId: string;
  readonly role: Role;
  /** The tenant's quota of calls a second for each key; absent: the installation's default. */
  readonly callsPerSecondMax?: number;
}

const keyPattern = /^hk_[A-Za-z0-9_-]{43}$/;

/** A new API key: `hk_` and 32 random bytes in base64url, 46 characters in all. */
export function newApiKey(): string {
  return `hk_${randomBytes(32).toString('base64url')}`;
}

/** The first characters of a key, by which one knows it again: 36 of its 256 bits. */
export function apiKeyPrefix(key: string): string {
  return key.slice(0, 9);
}

/** Whether a text has the form of an API key; says nothing about its being valid. */
export function isApiKey(text: string): boolean {
  return keyPattern.test(text);
}

/**
 * What is stored of a key: SHA-256 in hex.
 *
 * A slow, salted hash defends secrets that people choose against guessing. A key of 256 random bits
 * cannot be guessed however fast the hash is, so a slow one would only cost every request time and
 * hand anybody a lever for exhausting the processor; and without a salt the hash is the lookup key.
 */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/**
 * The API key in an `authorization` value: `Bearer <key>`, or `Bearer <base64 of the key>` when
 * `allowBase64` is set, as some panels send their tokens. Undefined when there is none of that form.
 */
export function bearerApiKey(
  authorization: string | undefined,
  { allowBase64 = false } = {},
): string | undefined {
  const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (token === undefined || token.length > 256) return undefined;
  if (isApiKey(token)) return token;
  if (!allowBase64) return undefined;
  const decoded = Buffer.from(token, 'base64').toString('utf8').trim();
  return isApiKey(decoded) ? decoded : undefined;
}
