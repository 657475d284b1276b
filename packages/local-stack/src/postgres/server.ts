import { Client } from 'pg';
import { LocalStackError, messageOf } from '../local-stack-error.ts';
import { type Child, describeExit, spawnChild } from '../processes/child.ts';
import { findPostgresBinaries, SYSTEM_FOLDER } from './binaries.ts';
import { postgresFolder } from './data-folder.ts';
import { initialiseCluster } from './initialise.ts';
import { ensureOwner } from './owner.ts';
import { postgresUser } from './unprivileged-user.ts';

export interface PostgresOptions {
  /** The stack's data dir; the cluster is its subfolder `postgres`. */
  readonly dataDir: string;
  readonly port: number;
  readonly logFile: string;
  readonly superuserPassword: string;
  readonly ownerPassword: string;
  /** False switches fsync off, for tests that never look at what a power failure leaves. */
  readonly durable?: boolean;
  /** Further server settings, or other values of ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Called as soon as the process runs, before it is ready, so that it can be put on record. */
  readonly onSpawn?: (child: Child) => void;
}

export interface PostgresServer {
  readonly child: Child;
  /** Where the cluster is; not below the data dir when the unprivileged user cannot enter that. */
  readonly folder: string;
  /** Database `hookline` as its owner `hookline`. */
  readonly url: string;
  /** Database `postgres` as superuser: for test databases and administration. */
  readonly superuserUrl: string;
  /** Fast shutdown: connections are cut, transactions rolled back, nothing committed is lost. */
  stop(): Promise<void>;
}

/** Loopback only: nobody but this machine's services and tools talks to it. */
const HOST = '127.0.0.1';
/** Crash recovery of a large write-ahead log may take this long; a fresh start takes 0.2 s. */
const READY_TIMEOUT_MS = 120_000;

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: HOST,
  // No socket files: their paths may be at most 107 bytes, a data dir's may be longer.
  unix_socket_directories: '',
  password_encryption: 'scram-sha-256',
  max_connections: '200',
  shared_buffers: '256MB',
  // The log is written once and read rarely: longer checkpoints write each page less often.
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
  // Every statement of ours is short; compiling one costs more than running it.
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] %u@%d ',
  log_checkpoints: 'off',
};

const NOT_DURABLE: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};

/** Makes the cluster if need be, starts PostgreSQL and waits until role and database `hookline` are there. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const user = postgresUser();
  const { dataDir, durable = true } = options;
  const binaries = findPostgresBinaries(user, [SYSTEM_FOLDER, dataDir]);
  const folder = postgresFolder(dataDir, user);
  await initialiseCluster({ ...options, binaries, folder, user, durable });
  const settings = {
    ...SETTINGS,
    ...(durable ? {} : NOT_DURABLE),
    port: String(options.port),
    ...options.settings,
  };
  const child = spawnChild({
    name: 'postgres',
    command: binaries.postgres,
    args: [
      '-D',
      folder,
      ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
    ],
    cwd: '/',
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
    logFile: options.logFile,
    user,
  });
  options.onSpawn?.(child);
  const server: PostgresServer = {
    child,
    folder,
    url: postgresUrl({ ...options, role: 'hookline', password: options.ownerPassword }),
    superuserUrl: postgresUrl({
      ...options,
      role: 'postgres',
      password: options.superuserPassword,
    }),
    // SIGINT is fast shutdown, SIGTERM would wait for every client to leave.
    stop: async () => void (await child.stop({ signal: 'SIGINT', graceMs: 30_000 })),
  };
  try {
    await accepting(server);
    await ensureOwner(server.superuserUrl, options.ownerPassword);
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function postgresUrl(of: { role: string; password: string; port: number }): string {
  const database = of.role;
  return `postgres://${of.role}:${encodeURIComponent(of.password)}@${HOST}:${of.port}/${database}`;
}

async function accepting(server: PostgresServer): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    const failure = await tryConnection(server.superuserUrl);
    if (failure === undefined) return;
    if (server.child.hasExited()) {
      const exit = describeExit(await server.child.exited);
      throw new LocalStackError('postgres_failed', `postgres ${exit}`, server.child.logLines(10));
    }
    // 57P03: starting up. Anything else that answers is no start in progress.
    if (!['ECONNREFUSED', 'ECONNRESET', '57P03'].includes(failure.code)) {
      throw new LocalStackError('postgres_failed', `postgres refuses us: ${failure.message}`);
    }
    if (performance.now() > deadline) {
      const message = `postgres is not ready after ${READY_TIMEOUT_MS / 1000} s`;
      throw new LocalStackError('postgres_failed', message, server.child.logLines(10));
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function tryConnection(url: string): Promise<{ code: string; message: string } | undefined> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return undefined;
  } catch (error) {
    return { code: String((error as { code?: string }).code), message: messageOf(error) };
  } finally {
    await client.end().catch(() => {});
  }
}
