import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCreds } from '@nats-io/jwt';
import { writePrivateFile } from '../private-file.ts';
import { type AgentName, mintAgentCredentials, mintServiceCredentials } from './authority.ts';
import type { StoredAuthority } from './authority-store.ts';

/** The agent whose credentials a local stack makes, for trying it out. */
export const FIRST_AGENT: AgentName = { tenant: 'default', host: 'node-1' };

export interface CredentialFiles {
  readonly services: string;
  readonly agent: string;
}

/** Makes the credentials of services and of the first agent, unless they are there and still valid. */
export async function openCredentialFiles(
  folder: string,
  { authority }: StoredAuthority,
): Promise<CredentialFiles> {
  const services = join(folder, 'services.creds');
  const agent = join(folder, `${FIRST_AGENT.tenant}.${FIRST_AGENT.host}.creds`);
  if ((await accountOf(services)) !== authority.services.publicKey) {
    await writePrivateFile(services, await mintServiceCredentials(authority.services));
  }
  if ((await accountOf(agent)) !== authority.agents.publicKey) {
    await writePrivateFile(agent, await mintAgentCredentials(authority.agents, FIRST_AGENT));
  }
  return { services, agent };
}

async function accountOf(path: string): Promise<string | undefined> {
  try {
    return (await parseCreds(await readFile(path))).aid;
  } catch {
    return undefined;
  }
}
