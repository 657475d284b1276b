import { LocalStackError } from '../local-stack-error.ts';
import { readJsonFile, writePrivateFile } from '../private-file.ts';
import {
  type Authority,
  type AuthorityClaims,
  createAuthority,
  type KeyHolder,
  signClaims,
} from './authority.ts';

/** Raised whenever `signClaims` changes what it claims: accounts are then signed anew with the keys they have. */
const CLAIMS_VERSION = 1;

export interface StoredAuthority {
  readonly authority: Authority;
  readonly claims: AuthorityClaims;
}

/**
 * Reads keys and claims from a file that its owner alone can read, or makes them.
 * Claims are kept, not signed at each start: their time of issue decides which
 * version of an account a server takes for the newer one.
 */
export async function openAuthority(path: string): Promise<StoredAuthority> {
  const stored = await readJsonFile(path);
  if (stored !== undefined && !isStored(stored)) {
    throw new LocalStackError(
      'damaged_file',
      `${path} does not hold NATS keys; restore it, or remove it to make new keys (agents then need new credentials)`,
    );
  }
  if (stored?.claimsVersion === CLAIMS_VERSION) return stored;
  const authority = stored?.authority ?? createAuthority();
  const claims = await signClaims(authority);
  const text = JSON.stringify({ claimsVersion: CLAIMS_VERSION, authority, claims }, undefined, 2);
  await writePrivateFile(path, `${text}\n`);
  return { authority, claims };
}

function isStored(value: unknown): value is StoredAuthority & { claimsVersion: number } {
  const { authority, claims } = value as Partial<StoredAuthority>;
  const names = ['operator', 'system', 'services', 'agents'] as const;
  return names.every((name) => {
    const holder: Partial<KeyHolder> | undefined = authority?.[name];
    return (
      typeof holder?.publicKey === 'string' &&
      typeof holder.seed === 'string' &&
      typeof holder.signingSeed === 'string' &&
      typeof claims?.[name] === 'string'
    );
  });
}
