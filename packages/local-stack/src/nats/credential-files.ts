import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AgentName,
  type Authority,
  agentAccountId,
  mintAgentCredentials,
  mintServiceCredentials,
  readCredentials,
} from '@hookline/nats-authority';
import { writePrivateFile } from '../private-file.ts';

/** The agent whose credentials a local stack makes, for trying it out. */
export const FIRST_AGENT: AgentName = { tenant: 'default', host: 'node-1' };

export interface CredentialFiles {
  readonly services: string;
  readonly agent: string;
}

/** Makes the credentials of services and of the first agent, unless they are there and still valid. */
export async function openCredentialFiles(
  folder: string,
  authority: Authority,
): Promise<CredentialFiles> {
  const services = join(folder, 'services.creds');
  const agent = join(folder, `${FIRST_AGENT.tenant}.${FIRST_AGENT.host}.creds`);
  if ((await accountOf(services)) !== authority.services.publicKey) {
    await writePrivateFile(services, await mintServiceCredentials(authority));
  }
  if ((await accountOf(agent)) !== agentAccountId(authority, FIRST_AGENT)) {
    await writePrivateFile(agent, (await mintAgentCredentials(authority, FIRST_AGENT)).creds);
  }
  return { services, agent };
}

async function accountOf(path: string): Promise<string | undefined> {
  try {
    return (await readCredentials(await readFile(path, 'utf8'))).accountId;
  } catch {
    return undefined;
  }
}
