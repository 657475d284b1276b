import { randomBytes } from 'node:crypto';

/** Prefix by which Standard Webhooks marks a symmetric secret. */
export const SECRET_PREFIX = 'whsec_';

/** Fewest and most characters of a secret that a user brings. */
export const SECRET_CHARACTERS_MIN = 8;
export const SECRET_CHARACTERS_MAX = 256;

/** Under this many key bytes a secret is accepted with a warning; Standard Webhooks asks for 24 to 64. */
export const SECRET_KEY_BYTES_ADVISED = 24;

/**
 * The base64 that Standard Webhooks libraries decode: the standard alphabet, padded. Unset trailing
 * bits are not asked for, since the libraries do not either (`ab==` is the byte `69` for all of them).
 */
const PADDED_BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Letters, marks, digits, punctuation, symbols and spaces; no control, format or unassigned code points. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]*$/u;

/** What checkSecret answers: usable, perhaps with a warning to show, or a fault that says what is right. */
export type SecretCheck =
  | { readonly kind: 'ok'; readonly warning?: string }
  | { readonly kind: 'fault'; readonly fault: string };

/** Makes a secret: `whsec_` and the base64 of 32 random bytes. */
export function generateSecret(): string {
  return SECRET_PREFIX + randomBytes(32).toString('base64');
}

/**
 * The key bytes of a secret for Standard Webhooks: `whsec_<base64>` is decoded, anything else is its
 * UTF-8 bytes. A `whsec_` whose rest is empty or not padded standard base64 is "anything else": the
 * whole text, prefix included, is the key. The hex HMAC never uses this; it keys on the characters.
 */
export function secretKeyBytes(secret: string): Buffer {
  const encoded = base64Part(secret);
  return encoded === undefined ? Buffer.from(secret, 'utf8') : Buffer.from(encoded, 'base64');
}

/**
 * Checks a secret that a user brings: 8 to 256 printable characters (code points). The messages
 * never quote the secret.
 */
export function checkSecret(secret: string): SecretCheck {
  const characters = [...secret].length;
  if (characters < SECRET_CHARACTERS_MIN || characters > SECRET_CHARACTERS_MAX) {
    return {
      kind: 'fault',
      fault: `the secret has ${characters} characters; use ${SECRET_CHARACTERS_MIN} to ${SECRET_CHARACTERS_MAX}, or leave it out to have one made`,
    };
  }
  if (!PRINTABLE.test(secret)) {
    return {
      kind: 'fault',
      fault:
        'the secret holds characters that cannot be printed (a line break, a tab, an invisible mark); use printable characters only',
    };
  }
  const warning = weakness(secret);
  return warning === undefined ? { kind: 'ok' } : { kind: 'ok', warning };
}

function weakness(secret: string): string | undefined {
  if (secret.startsWith(SECRET_PREFIX) && base64Part(secret) === undefined) {
    return `the secret begins with ${SECRET_PREFIX} but what follows is not padded base64: its characters as they stand are the key, and Standard Webhooks libraries will refuse it as written`;
  }
  const bytes = secretKeyBytes(secret).length;
  if (bytes < SECRET_KEY_BYTES_ADVISED) {
    return `the secret has ${bytes} bytes; ${SECRET_KEY_BYTES_ADVISED} or more are advised`;
  }
  return undefined;
}

function base64Part(secret: string): string | undefined {
  if (!secret.startsWith(SECRET_PREFIX)) return undefined;
  const encoded = secret.slice(SECRET_PREFIX.length);
  return encoded !== '' && PADDED_BASE64.test(encoded) ? encoded : undefined;
}
