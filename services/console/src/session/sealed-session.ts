import { createCipheriv, createDecipheriv, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a browser that signed in comes back with. */
export interface Session {
  readonly apiKey: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
  /** Sent along with whatever changes something: a page of another origin cannot know it. */
  readonly csrfToken: string;
}

export interface SessionSealer {
  /** A session of this key, and the text that a cookie carries it as. */
  create(apiKey: string): { readonly session: Session; readonly sealed: string };
  /** The session; undefined for what was not sealed here, or has expired. */
  open(sealed: string): Session | undefined;
}

/** How long one is signed in at most. A revoked key ends at once: every call is made with it. */
export const SESSION_MS = 12 * 60 * 60_000;

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SEALED_MAX = 1_000;

/**
 * Sessions without a store: the cookie holds the API key, encrypted under a key that only consoles
 * have. Whatever console opens it, and there is nothing to bound or to clean up.
 */
export function createSessionSealer(
  key: Buffer,
  now: () => number = () => Date.now(),
): SessionSealer {
  return {
    create(apiKey) {
      const csrfToken = randomBytes(24).toString('base64url');
      const session = { apiKey, expiresAt: now() + SESSION_MS, csrfToken };
      return { session, sealed: seal(key, JSON.stringify(session)) };
    },
    open(sealed) {
      const text = open(key, sealed);
      if (text === undefined) return undefined;
      const session = JSON.parse(text) as Session;
      return session.expiresAt > now() ? session : undefined;
    },
  };
}

/** Whether two texts are the same, in a time that does not tell how far. */
export function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function seal(key: Buffer, text: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce);
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
}

function open(key: Buffer, sealed: string): string | undefined {
  if (sealed.length > SEALED_MAX) return undefined;
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length <= NONCE_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    const body = bytes.subarray(NONCE_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
