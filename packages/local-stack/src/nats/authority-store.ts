import {
  type AgentName,
  agentAccountId,
  createAgentAccount,
  createAuthority,
  isStoredAuthority,
  type StoredAuthority,
  signClaims,
} from '@hookline/nats-authority';
import { LocalStackError } from '../local-stack-error.ts';
import { readJsonFile, writePrivateFile } from '../private-file.ts';

/** Raised whenever what is claimed changes: accounts are then signed anew with the keys they have. */
const CLAIMS_VERSION = 2;

/**
 * Reads keys and claims from a file that its owner alone can read, or makes them,
 * with an account for each of the agents. Claims are kept, not signed at each
 * start: their time of issue decides which version of an account a server takes
 * for the newer one.
 */
export async function openAuthority(
  path: string,
  agents: readonly AgentName[] = [],
): Promise<StoredAuthority> {
  const stored = checked(path, await readJsonFile(path));
  const current = stored?.claimsVersion === CLAIMS_VERSION ? stored : undefined;
  const authority = stored?.authority ?? createAuthority();
  const agentAccounts = { ...current?.agentAccounts };
  const missing = agents.filter((agent) => !(agentAccountId(authority, agent) in agentAccounts));
  if (current !== undefined && missing.length === 0) return current;

  const claims = current?.claims ?? (await signClaims(authority));
  for (const agent of missing) {
    const { publicKey, jwt } = await createAgentAccount(authority, agent);
    agentAccounts[publicKey] = jwt;
  }
  const content = { claimsVersion: CLAIMS_VERSION, authority, claims, agentAccounts };
  await writePrivateFile(path, `${JSON.stringify(content, undefined, 2)}\n`);
  return { authority, claims, agentAccounts };
}

type Content = StoredAuthority & { readonly claimsVersion: number };

function checked(path: string, value: unknown): Content | undefined {
  if (value === undefined) return undefined;
  if (!isStoredAuthority(value)) {
    throw new LocalStackError(
      'damaged_file',
      `${path} does not hold the NATS keys of this version; restore it, or remove it to make new keys (agents then need new credentials, and events that were received but not accepted are lost)`,
    );
  }
  return value as Content;
}
