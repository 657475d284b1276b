import { join } from 'node:path';
import type { LocalStackConfig } from './config.ts';
import { openAuthority } from './nats/authority-store.ts';
import { FIRST_AGENT, openCredentialFiles } from './nats/credential-files.ts';
import { startNats } from './nats/server.ts';
import type { NatsBinary } from './nats/server-binary.ts';
import { startPostgres } from './postgres/server.ts';
import type { StackSecrets } from './secrets.ts';
import type { StackProcesses } from './stack-processes.ts';

/** What the embedded servers are started with. */
export interface EmbeddedOptions {
  readonly config: LocalStackConfig;
  readonly secrets: StackSecrets;
  /** Undefined: a NATS is given. */
  readonly natsBinary: NatsBinary | undefined;
  readonly processes: StackProcesses;
  readonly onProgress: (line: string) => void;
}

export interface NatsAddress {
  readonly natsUrl: string;
  /** Credentials of the services; none on a NATS that asks for none. */
  readonly natsCredsPath: string | undefined;
  /** Credentials of the first agent; none on a NATS that is not ours. */
  readonly agentCredsPath: string | undefined;
  /** The keys of its operator; none of a NATS that is not ours. */
  readonly authorityPath: string | undefined;
}

/** Starts PostgreSQL unless one is given. Returns the URL of its database as owner. */
export async function postgresOf(options: EmbeddedOptions): Promise<string> {
  const { config, secrets, processes, onProgress } = options;
  if (config.postgresUrl !== undefined) return config.postgresUrl;
  let url = '';
  await processes.start('postgres', async (onSpawn) => {
    const server = await startPostgres({
      dataDir: config.dataDir,
      port: config.ports.postgres,
      logFile: processes.logFile('postgres'),
      superuserPassword: secrets.postgresSuperuserPassword,
      ownerPassword: secrets.postgresOwnerPassword,
      onSpawn,
    });
    if (url === '') onProgress(`PostgreSQL is up, its data in ${server.folder}`);
    url = server.url;
  });
  return url;
}

/** Starts NATS in operator mode unless one is given. */
export async function natsOf(options: EmbeddedOptions): Promise<NatsAddress> {
  const { config, natsBinary, processes, onProgress } = options;
  const { natsUrl, natsCredsPath } = config;
  if (natsUrl !== undefined) {
    return { natsUrl, natsCredsPath, agentCredsPath: undefined, authorityPath: undefined };
  }
  if (natsBinary === undefined) throw new Error('no nats-server was looked for');
  const folder = join(config.dataDir, 'nats');
  const authorityPath = join(folder, 'authority.json');
  const operatorMode = await openAuthority(authorityPath, [FIRST_AGENT]);
  const creds = await openCredentialFiles(folder, operatorMode.authority);
  let url = '';
  await processes.start('nats', async (onSpawn) => {
    const server = await startNats({
      binary: natsBinary,
      host: config.bind,
      port: config.ports.nats,
      folder,
      logFile: processes.logFile('nats'),
      operatorMode,
      onSpawn,
    });
    if (url === '') onProgress(`NATS ${natsBinary.version.join('.')} is up`);
    url = server.url;
  });
  return {
    natsUrl: url,
    natsCredsPath: creds.services,
    agentCredsPath: creds.agent,
    authorityPath,
  };
}
