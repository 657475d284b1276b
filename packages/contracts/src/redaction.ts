import { replaceMembers } from './json-members.ts';

/** Which members hold secrets, and what stands in their place. Names are compared without case, `-`, `_` and `.`. */
export interface Redaction {
  /** Anywhere in a name: `password` also finds `rootPassword` and `passwordHash`. */
  readonly anywhere: readonly string[];
  /** At the end of a name, in singular or plural: `token` also finds `accessToken`, not `tokenId`. */
  readonly atEnd: readonly string[];
  /** The text that takes the place of the value. */
  readonly marker: string;
}

/**
 * What never leaves in the originals of other systems. Among them what Xen Orchestra obfuscates
 * itself (token, passphrase, encryptionKey, anything with password), VirtFusion's encryptedPassword,
 * and cloud-init documents, which hold passwords and keys as plain text.
 */
const DEFAULT: Redaction = {
  anywhere: ['password', 'passwd', 'passphrase', 'cloudconfig', 'userdata'],
  atEnd: [
    ...['token', 'secret', 'apikey', 'privatekey', 'secretkey', 'encryptionkey', 'signingkey'],
    ...['credential', 'authorization', 'cookie', 'otp'],
  ],
  marker: '* redacted *',
};

/** A function on JSON texts that takes the place of secrets by the marker; see {@link redactSensitive}. */
export function createRedaction(change: Partial<Redaction> = {}): (json: string) => string {
  const redaction = { ...DEFAULT, ...change };
  const marker = JSON.stringify(redaction.marker);
  const isSensitive = compileNames(redaction);
  return (json) =>
    replaceMembers(json, (key, opening) =>
      // false, true and null tell whether there is a secret, not what it is.
      !'tfn'.includes(opening) && isSensitive(key) ? marker : undefined,
    );
}

/**
 * A function like {@link redactSensitive} that takes further names for secrets: at the end of a
 * member's name, in singular or plural, written in whichever way.
 */
export function createRedactionWith(names: readonly string[]): (json: string) => string {
  return createRedaction({ atEnd: [...DEFAULT.atEnd, ...names.map(plainName)] });
}

/**
 * The JSON text with the values of sensitive members, at any depth, replaced by `"* redacted *"`,
 * whatever they are but true, false and null. Every other byte stays: key order, spelling of
 * numbers, white space.
 */
export const redactSensitive = createRedaction();

/** Whether a member of this name is taken for a secret. */
export const isSensitiveName = compileNames(DEFAULT);

/** Names repeat from event to event, so what was found out about them is kept, up to this many. */
const NAMES_MAX = 4096;

function compileNames({ anywhere, atEnd }: Redaction): (name: string) => boolean {
  const known = new Map<string, boolean>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const plain = plainName(name);
    const singular = plain.endsWith('s') ? plain.slice(0, -1) : plain;
    const found =
      anywhere.some((part) => plain.includes(part)) ||
      atEnd.some((end) => plain.endsWith(end) || singular.endsWith(end));
    if (known.size < NAMES_MAX && name.length <= 128) known.set(name, found);
    return found;
  };
}

function plainName(name: string): string {
  return name.replaceAll(/[-_.\s]/g, '').toLowerCase();
}
