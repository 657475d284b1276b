import { arch, cpus, platform, totalmem } from 'node:os';
import pg from 'pg';

/** What the figures depend on besides the code. */
export interface Machine {
  readonly platform: string;
  readonly processors: number;
  readonly processorModel: string;
  readonly memoryGiB: number;
  readonly node: string;
  readonly postgres: string;
  readonly fsync: string;
  readonly synchronousCommit: string;
  readonly nats: string;
}

export async function describeMachine(postgresUrl: string, nats: string): Promise<Machine> {
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  const { rows } = await client
    .query<{ version: string; fsync: string; commit: string }>(
      `SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
         current_setting('synchronous_commit') AS commit`,
    )
    .finally(() => client.end());
  const processors = cpus();
  return {
    platform: `${platform()} ${arch()}`,
    processors: processors.length,
    processorModel: processors[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    postgres: rows[0]?.version ?? 'unknown',
    fsync: rows[0]?.fsync ?? 'unknown',
    synchronousCommit: rows[0]?.commit ?? 'unknown',
    nats,
  };
}
