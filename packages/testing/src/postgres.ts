import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ensureOwner, freePort, startPostgres } from '@hookline/local-stack/servers';
import { Client } from 'pg';
import { endWithThisProcess } from './guard.ts';
import { tempDir } from './temp-dir.ts';

/** Names a server that all test files of a run share; without it each process starts its own. */
export const TEST_POSTGRES_VARIABLE = 'HOOKLINE_TEST_POSTGRES_URL';

export interface TestPostgres extends AsyncDisposable {
  /** As superuser, database `postgres`. */
  readonly superuserUrl: string;
  stop(): Promise<void>;
}

/** A PostgreSQL of its own in a temporary folder. fsync is off: nothing here outlives the test. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const folder = await tempDir('postgres');
  const password = randomBytes(12).toString('hex');
  const server = await startPostgres({
    dataDir: folder.path,
    port: await freePort(),
    logFile: join(folder.path, 'postgres.log'),
    superuserPassword: password,
    ownerPassword: password,
    durable: false,
    settings: { max_connections: '300', shared_buffers: '128MB', autovacuum_naptime: '5s' },
    onSpawn: (child) => endWithThisProcess(child, folder.path),
  });
  const stop = async () => {
    await server.stop();
    await folder[Symbol.asyncDispose]();
  };
  return { superuserUrl: server.superuserUrl, stop, [Symbol.asyncDispose]: stop };
}

export interface TestDatabaseOptions {
  /**
   * Brings an empty database to the current schema, connected as its owner. It is
   * run once on a template that all databases of this server are cloned from.
   */
  readonly migrate?: (ownerUrl: string) => Promise<unknown>;
}

export interface TestDatabase extends AsyncDisposable {
  readonly name: string;
  /** As owner, role `hookline`: what HOOKLINE_POSTGRES_URL is in the local stack. */
  readonly url: string;
  /** As superuser, in this database. */
  readonly superuserUrl: string;
  drop(): Promise<void>;
}

/** A database of its own, on the run's shared server or else on one that ends with this process. */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const server = await sharedServer();
  const name = `test_${randomBytes(6).toString('hex')}`;
  const template = options.migrate === undefined ? 'template1' : 'hookline_template';
  await asSuperuser(server, async (client) => {
    // One at a time over all test processes: a template must have no connection
    // while it is cloned, and it must be migrated once only.
    await client.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    if (options.migrate !== undefined) await ensureTemplate(client, server, options.migrate);
    await client.query(
      `CREATE DATABASE ${name} OWNER hookline TEMPLATE ${template} STRATEGY file_copy`,
    );
  });
  const drop = () =>
    asSuperuser(server, async (client) => {
      await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    });
  return {
    name,
    url: ownerUrl(server, name),
    superuserUrl: databaseUrl(server, name),
    drop,
    [Symbol.asyncDispose]: drop,
  };
}

const TEMPLATE_LOCK = 7_015_223;
let shared: Promise<string> | undefined;
let templateIsCurrent = false;

function sharedServer(): Promise<string> {
  shared ??= (async () => {
    const given = process.env[TEST_POSTGRES_VARIABLE];
    if (given === undefined || given === '') return (await startTestPostgres()).superuserUrl;
    await asSuperuser(given, async (client) => {
      await client.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
      await ensureOwner(given, decodeURIComponent(new URL(given).password));
    });
    return given;
  })();
  return shared;
}

async function ensureTemplate(
  client: Client,
  server: string,
  migrate: (ownerUrl: string) => Promise<unknown>,
): Promise<void> {
  if (templateIsCurrent) return;
  const found = await client.query("SELECT FROM pg_database WHERE datname = 'hookline_template'");
  if (found.rowCount === 0) await client.query('CREATE DATABASE hookline_template OWNER hookline');
  await migrate(ownerUrl(server, 'hookline_template'));
  templateIsCurrent = true;
}

async function asSuperuser(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    // Ends the session, and with it its advisory lock.
    await client.end();
  }
}

function databaseUrl(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}

/** Role `hookline` has the superuser's password on servers of the tests. */
function ownerUrl(server: string, database: string): string {
  const url = new URL(databaseUrl(server, database));
  url.username = 'hookline';
  return url.href;
}

/**
 * For the runner of a whole test run: starts one PostgreSQL for all test files
 * and hands `work` the environment that points them to it.
 */
export async function withSharedTestServers<T>(
  work: (env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  await using server = await startTestPostgres();
  return await work({ [TEST_POSTGRES_VARIABLE]: server.superuserUrl });
}
