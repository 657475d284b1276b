import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import type { LocalStackConfig } from './config.ts';
import { removeEndpoints } from './endpoints.ts';
import { checkExternalNats, checkExternalPostgres } from './external-servers.ts';
import { LocalStackError, messageOf } from './local-stack-error.ts';
import { findNatsServer, type NatsBinary } from './nats/server-binary.ts';
import { findPostgresBinaries, SYSTEM_FOLDER } from './postgres/binaries.ts';
import { postgresUser } from './postgres/unprivileged-user.ts';
import { stopOrphans } from './processes/orphans.ts';
import { readRunRecord } from './processes/run-record.ts';
import { checkServicesExist, type ServiceDefinition } from './services.ts';
import { checkPortsFree } from './stack-ports.ts';

/** Makes the data dir. Secrets in it are closed file by file: root's must let PostgreSQL's user through. */
export function createDataDir(dataDir: string): void {
  if (existsSync(dataDir)) return;
  try {
    mkdirSync(dataDir, { recursive: true });
    chmodSync(dataDir, process.getuid?.() === 0 ? 0o711 : 0o700);
  } catch (error) {
    throw new LocalStackError(
      'data_dir',
      `cannot make the data folder: ${messageOf(error)}; set HOOKLINE_DATA_DIR to a folder that you may write`,
    );
  }
}

/**
 * Everything that can be found wrong before anything is started: what is missing
 * on this machine, servers that do not answer, processes of a killed run, taken ports.
 */
export async function prepare(
  config: LocalStackConfig,
  hooks: { services: readonly ServiceDefinition[]; onProgress: (line: string) => void },
): Promise<{ natsBinary: NatsBinary | undefined }> {
  const { postgresUrl, natsUrl, dataDir } = config;
  const { onProgress } = hooks;
  await checkServicesExist(hooks.services);
  if (postgresUrl === undefined) findPostgresBinaries(postgresUser(), [SYSTEM_FOLDER, dataDir]);
  else await checkExternalPostgres(postgresUrl, 'HOOKLINE_POSTGRES_URL');
  if (config.postgresOwnerUrl !== undefined) {
    await checkExternalPostgres(config.postgresOwnerUrl, 'HOOKLINE_POSTGRES_OWNER_URL');
  }
  if (natsUrl !== undefined) await checkExternalNats(natsUrl, config.natsCredsPath);
  const natsBinary =
    natsUrl === undefined ? await findNatsServer({ env: config.env, onProgress }) : undefined;

  const record = readRunRecord(dataDir);
  if (record !== undefined) {
    const stopped = await stopOrphans(record);
    if (stopped.length > 0) onProgress(`stopped what a killed run left: ${stopped.join(', ')}`);
  }
  await removeEndpoints(dataDir);
  await checkPortsFree(portsOf(config));
  return { natsBinary };
}

function portsOf(config: LocalStackConfig) {
  const { postgres, nats, ...services } = config.ports;
  return [
    ...Object.entries(services).map(([what, port]) => ({ what, port, host: config.bind })),
    ...(config.natsUrl === undefined ? [{ what: 'nats', port: nats, host: config.bind }] : []),
    ...(config.postgresUrl === undefined
      ? [{ what: 'postgres', port: postgres, host: '127.0.0.1' }]
      : []),
  ];
}
