import { readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { LocalStackError, messageOf } from './local-stack-error.ts';
import { readNatsInfo } from './nats/server.ts';
import { isAtLeast, NATS_VERSION_MIN, parseNatsVersion } from './nats/version.ts';

/** PostgreSQL 15 is the oldest that Hookline runs on, in the form of server_version_num. */
const POSTGRES_VERSION_MIN = 150_000;

/** Throws LocalStackError unless a PostgreSQL that Hookline can use answers. */
export async function checkExternalPostgres(url: string, variable: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => {});
  const { host, pathname } = new URL(url);
  try {
    await client.connect();
    const result = await client.query<{ version: number; name: string }>(
      "SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS name",
    );
    const found = result.rows[0];
    if (found === undefined || found.version < POSTGRES_VERSION_MIN) {
      throw new LocalStackError(
        'postgres_too_old',
        `PostgreSQL at ${host} is version ${found?.name}, Hookline needs 15 or newer; point ${variable} at a newer one, or unset it to use the embedded one`,
      );
    }
  } catch (error) {
    if (error instanceof LocalStackError) throw error;
    throw new LocalStackError(
      'postgres_unreachable',
      `cannot use PostgreSQL at ${host}${pathname}: ${reason(error)}; check ${variable} and that the server runs, or unset it to use the embedded one`,
    );
  } finally {
    await client.end().catch(() => {});
  }
}

/** Throws LocalStackError unless a NATS server with JetStream that Hookline can use answers. */
export async function checkExternalNats(url: string, credsPath: string | undefined): Promise<void> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const info = await readNatsInfo({ host, port: Number(port || 4222) }, 5000);
  const mend = 'check HOOKLINE_NATS_URL and that the server runs, or unset it to use a local one';
  if (info === undefined) {
    throw new LocalStackError(
      'nats_unreachable',
      `no NATS server answers at ${hostname}:${port || 4222}; ${mend}`,
    );
  }
  const version = parseNatsVersion(info.version);
  if (version === undefined || !isAtLeast(version, NATS_VERSION_MIN)) {
    throw new LocalStackError(
      'nats_too_old',
      `NATS at ${hostname} is version ${info.version}, Hookline needs ${NATS_VERSION_MIN.join('.')} or newer; ${mend}`,
    );
  }
  if (info.jetstream !== true) {
    throw new LocalStackError(
      'nats_without_jetstream',
      `NATS at ${hostname} runs without JetStream; start it with \`jetstream {}\` in its configuration, or unset HOOKLINE_NATS_URL to use a local one`,
    );
  }
  if (credsPath === undefined) return;
  await readFile(credsPath).catch((error: unknown) => {
    throw new LocalStackError(
      'nats_creds_unreadable',
      `cannot read the credentials of HOOKLINE_NATS_CREDS: ${messageOf(error)}`,
    );
  });
}

/** Errors of a connection to several addresses have their text in their parts. */
function reason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return messageOf(error);
}
