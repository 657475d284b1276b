import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { inboxPrefix } from '@hookline/contracts';
import { LocalStackError } from './local-stack-error.ts';
import { openAuthority } from './nats/authority-store.ts';
import { FIRST_AGENT, openCredentialFiles } from './nats/credential-files.ts';
import { natsServerConfig } from './nats/server-config.ts';
import type { NatsVersion } from './nats/version.ts';
import { writePrivateFile } from './private-file.ts';
import { openSecrets } from './secrets.ts';
import { stackPorts } from './stack-ports.ts';

export interface ComposeOptions {
  /** Of the NATS that reads the configuration. */
  readonly natsVersion: NatsVersion;
  /** The machine's address that the ports are published on, as a client on the machine reaches it. */
  readonly publishedOn: string;
}

/** Reads what docker-compose.yml tells `setup`; throws with every variable that is wrong. */
export function readComposeOptions(env: NodeJS.ProcessEnv): ComposeOptions {
  const faults: string[] = [];
  const versionText = env.HOOKLINE_NATS_VERSION || '2.12';
  const version = /^(\d+)\.(\d+)(?:\.(\d+))?$/.exec(versionText);
  if (version === null) {
    faults.push(
      `HOOKLINE_NATS_VERSION is ${versionText}; it must be the version that the image's tag begins with, for instance 2.12 or 2.12.1`,
    );
  }
  const address = env.HOOKLINE_PUBLISH_ADDRESS || '127.0.0.1';
  if (!isIPv4(address)) {
    faults.push(
      `HOOKLINE_PUBLISH_ADDRESS is ${address}; it must be an IPv4 address of this machine, or 0.0.0.0 for all of them`,
    );
  }
  if (faults.length > 0) throw new LocalStackError('invalid_configuration', faults.join('; '));
  const [, major, minor, patch] = version ?? [];
  return {
    natsVersion: [Number(major), Number(minor), Number(patch ?? 0)],
    publishedOn: address === '0.0.0.0' ? '127.0.0.1' : address,
  };
}

/**
 * Writes into a folder everything that the containers of docker-compose.yml share:
 * secrets (kept when they are there), the NATS configuration with its keys and
 * credentials, and environment files for Node's --env-file. Every file is closed
 * to others: NATS runs as the user that wrote them, PostgreSQL reads its own as root.
 */
export async function writeComposeFiles(folder: string, options: ComposeOptions): Promise<void> {
  const secrets = await openSecrets(folder, { apiKey: undefined, masterKey: undefined });
  const stored = await openAuthority(join(folder, 'authority.json'), [FIRST_AGENT]);
  const creds = await openCredentialFiles(folder, stored.authority);
  const owner = `hookline:${secrets.postgresOwnerPassword}`;
  const superuser = `postgres:${secrets.postgresSuperuserPassword}`;
  const write = (name: string, text: string) => writePrivateFile(join(folder, name), text);

  await write('postgres-password', secrets.postgresSuperuserPassword);
  await write(
    'nats-server.conf',
    natsServerConfig({
      version: options.natsVersion,
      host: '0.0.0.0',
      port: stackPorts(0).nats,
      storeDir: '/data',
      operatorMode: stored,
      monitorPort: 8222,
      durable: true,
    }),
  );
  await write(
    'service.env',
    `HOOKLINE_POSTGRES_URL=postgres://${owner}@postgres:5432/hookline
HOOKLINE_MASTER_KEY=${secrets.masterKey}
`,
  );
  await write(
    'bootstrap.env',
    `HOOKLINE_BOOTSTRAP_API_KEY=${secrets.apiKey}
HOOKLINE_BOOTSTRAP_PUBLISHER_KEY=${secrets.publisherKey}
HOOKLINE_BOOTSTRAP_AGENT_CREDS=${creds.agent}
HOOKLINE_NATS_AUTHORITY=${join(folder, 'authority.json')}
`,
  );
  await write(
    'migrate.env',
    `HOOKLINE_POSTGRES_SUPERUSER_URL=postgres://${superuser}@postgres:5432/postgres
HOOKLINE_POSTGRES_OWNER_URL=postgres://${owner}@postgres:5432/hookline
`,
  );
  await write('endpoints.json', `${JSON.stringify(endpoints(), undefined, 2)}\n`);

  /** As seen from the machine that runs the containers. */
  function endpoints() {
    const ports = stackPorts(0);
    const at = (port: number) => `${options.publishedOn}:${port}`;
    return {
      tenant: FIRST_AGENT.tenant,
      apiKey: secrets.apiKey,
      publisherKey: secrets.publisherKey,
      http: `http://${at(ports.console)}`,
      ingest: `http://${at(ports.ingest)}`,
      grpc: {
        subscriptions: at(ports.subscriptionsGrpc),
        ingest: at(ports.ingestGrpc),
        deliveries: at(ports.deliveriesGrpc),
        deadLetters: at(ports.deadLettersGrpc),
      },
      nats: `nats://${at(ports.nats)}`,
      natsCreds: creds.agent,
      natsInboxPrefix: inboxPrefix(FIRST_AGENT.tenant, FIRST_AGENT.host),
      postgres: `postgres://${owner}@${at(ports.postgres)}/hookline`,
    };
  }
}
