import { checkSchema, type Database, openDatabase, schemaVersion } from '@hookline/event-log';
import { type Finding, fault, ok, reasonOf, skipped } from './finding.ts';

const VERSION_MIN = 15;

/** PostgreSQL and the schema in it. Nothing is changed. */
export async function checkPostgres(url: string | undefined): Promise<Finding[]> {
  if (url === undefined) {
    const text = 'no database is known; HOOKLINE_POSTGRES_URL says where it is';
    return [skipped('PostgreSQL', text), skipped('schema', text)];
  }
  await using database = openDatabase({
    url,
    maxConnections: 1,
    applicationName: 'hookline-doctor',
  });
  const reached = await checkVersion(database, url);
  if (reached.state === 'fault') return [reached, skipped('schema', 'PostgreSQL cannot be used')];
  return [reached, await checkMigrations(database)];
}

async function checkVersion({ pool }: Database, url: string): Promise<Finding> {
  const { host } = new URL(url);
  try {
    const { rows } = await pool.query<{ version: string }>(
      "SELECT current_setting('server_version') AS version",
    );
    const version = rows[0]?.version ?? '';
    if (Number.parseInt(version, 10) >= VERSION_MIN)
      return ok('PostgreSQL', `${version} at ${host}`);
    return fault('PostgreSQL', `it is version ${version}`, `use version ${VERSION_MIN} or newer`);
  } catch (error) {
    const mend = 'start it, or correct HOOKLINE_POSTGRES_URL (address, user, password, database)';
    return fault('PostgreSQL', `${host} cannot be used: ${reasonOf(error)}`, mend);
  }
}

async function checkMigrations({ kysely }: Database): Promise<Finding> {
  try {
    await checkSchema(kysely);
    return ok('schema', `it is at ${schemaVersion}`);
  } catch (error) {
    const mend =
      'npx pnpm hookline migrate, as the owner of the schema (HOOKLINE_POSTGRES_OWNER_URL); with a newer schema, start the newer Hookline';
    return fault('schema', reasonOf(error), mend);
  }
}
