import { readFile } from 'node:fs/promises';
import type { Authority, AuthorityClaims } from './authority.ts';
import type { KeyHolder } from './keys.ts';

/** An installation's keys with the claims signed by them, as they are kept in a file. */
export interface StoredAuthority {
  readonly authority: Authority;
  readonly claims: AuthorityClaims;
  /** Claims of the agents' accounts that a server knows from its start, by the account's public key. */
  readonly agentAccounts: Readonly<Record<string, string>>;
}

/** Whether a value read from JSON holds everything. */
export function isStoredAuthority(value: unknown): value is StoredAuthority {
  const { authority, claims, agentAccounts } = (value ?? {}) as Partial<StoredAuthority>;
  const isComplete = (['operator', 'system', 'services'] as const).every((name) => {
    const holder: Partial<KeyHolder> | undefined = authority?.[name];
    return (
      typeof holder?.publicKey === 'string' &&
      typeof holder.seed === 'string' &&
      typeof holder.signingSeed === 'string' &&
      typeof claims?.[name] === 'string'
    );
  });
  return (
    isComplete &&
    typeof authority?.agentsSecret === 'string' &&
    Buffer.from(authority.agentsSecret, 'base64').length === 32 &&
    typeof agentAccounts === 'object' &&
    agentAccounts !== null
  );
}

/**
 * Reads the authority from its file. Throws an Error that names the file and its fault, and nothing
 * of its content: it holds the keys of everything.
 */
export async function readAuthority(path: string): Promise<StoredAuthority> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(
      `${path} ${code === undefined ? 'is not valid JSON' : `cannot be read: ${code}`}`,
    );
  }
  if (isStoredAuthority(value)) return value;
  throw new Error(`${path} does not hold the NATS keys of this version`);
}
