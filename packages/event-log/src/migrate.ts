import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { openDatabase } from './database.ts';
import { raiseLogEpochAfterRestore } from './log-epoch.ts';
import * as eventLog from './migrations/0001-event-log.ts';
import * as deliveries from './migrations/0002-deliveries.ts';
import * as subscriptions from './migrations/0003-subscriptions.ts';
import * as maintenance from './migrations/0004-maintenance.ts';
import * as reading from './migrations/0005-reading.ts';
import * as retention from './migrations/0006-retention.ts';
import * as tenantsAgents from './migrations/0007-tenants-agents.ts';
import * as ingestShards from './migrations/0008-ingest-shards.ts';
import * as subscriptionStates from './migrations/0009-subscription-states.ts';
import * as knownKeys from './migrations/0010-known-keys.ts';
import * as administration from './migrations/0011-administration.ts';
import * as bulkheads from './migrations/0013-bulkheads.ts';
import * as orderingReplays from './migrations/0014-ordering-replays.ts';
import * as deadLetters from './migrations/0015-dead-letters.ts';
import * as tracedNotifications from './migrations/0017-traced-notifications.ts';
import type { HooklineSchema } from './schema.ts';

/** Every migration in the order of its name. Forward only: a mistake is mended by a further one. */
const migrations: Record<string, Migration> = {
  '0001-event-log': eventLog,
  '0002-deliveries': deliveries,
  '0003-subscriptions': subscriptions,
  '0004-maintenance': maintenance,
  '0005-reading': reading,
  '0006-retention': retention,
  '0007-tenants-agents': tenantsAgents,
  '0008-ingest-shards': ingestShards,
  '0009-subscription-states': subscriptionStates,
  '0010-known-keys': knownKeys,
  '0011-administration': administration,
  '0013-bulkheads': bulkheads,
  '0014-ordering-replays': orderingReplays,
  '0015-dead-letters': deadLetters,
  '0017-traced-notifications': tracedNotifications,
};

/** The newest migration this program knows. */
export const schemaVersion = Object.keys(migrations).at(-1) as string;

/** The schema has been changed so that this program no longer understands it; no waiting mends that. */
export class SchemaTooNewError extends Error {
  override readonly name = 'SchemaTooNewError';
}

/**
 * Brings the schema `hookline` up to date and makes the role `hookline_service`, as the owner.
 *
 * `ownerUrl` needs the right to create the schema and, on the first run, the role (or the role is
 * there already). Two that start at once do not collide: the second waits for the first. A schema
 * that is newer than this program is left as it is; throws SchemaTooNewError if it needs a newer one.
 */
export async function migrate(ownerUrl: string): Promise<void> {
  await using database = openDatabase({
    url: ownerUrl,
    maxConnections: 2,
    applicationName: 'hookline-migrate',
  });
  await prepare(database.kysely);
  if ((await newestMigration(database.kysely)) > schemaVersion) {
    await checkRequirement(database.kysely);
    return;
  }
  const migrator = new Migrator({
    db: database.kysely,
    provider: { getMigrations: () => Promise.resolve(migrations) },
    migrationTableSchema: 'hookline',
    migrationTableName: 'migration',
    migrationLockTableName: 'migration_lock',
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
  await raiseLogEpochAfterRestore(database.kysely);
  await sql`GRANT SELECT ON hookline.migration TO hookline_service`.execute(database.kysely);
}

/**
 * Fails unless the schema holds every migration this program was written for. Throws
 * SchemaTooNewError when a later migration has shut programs as old as this one out.
 */
export async function checkSchema(db: Kysely<HooklineSchema>): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    SELECT name FROM hookline.migration ORDER BY name DESC LIMIT 1`.execute(db);
  const found = rows[0]?.name ?? 'none';
  if (found === 'none' || found < schemaVersion) {
    throw new Error(
      `the database schema is at "${found}" and this program needs "${schemaVersion}": run the migrations (npx pnpm migrate)`,
    );
  }
  await checkRequirement(db);
}

async function checkRequirement(db: Kysely<HooklineSchema>): Promise<void> {
  const { rows } = await sql<{ needed: string }>`
    SELECT program_at_least AS needed FROM hookline.schema_requirement`.execute(db);
  const needed = rows[0]?.needed ?? '';
  if (needed > schemaVersion) {
    throw new SchemaTooNewError(
      `the database needs a program that knows schema "${needed}", and this one knows "${schemaVersion}": start the newer version of Hookline, or restore the backup made before the upgrade`,
    );
  }
}

/** Empty when there is none, or no table of them yet. */
async function newestMigration(db: Kysely<HooklineSchema>): Promise<string> {
  const table = await sql<{ there: boolean }>`
    SELECT to_regclass('hookline.migration') IS NOT NULL AS there`.execute(db);
  if (table.rows[0]?.there !== true) return '';
  const { rows } = await sql<{ name: string }>`
    SELECT name FROM hookline.migration ORDER BY name DESC LIMIT 1`.execute(db);
  return rows[0]?.name ?? '';
}

async function prepare(db: Kysely<HooklineSchema>): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await sql`SELECT pg_advisory_xact_lock(hashtext('hookline.migrate'))`.execute(transaction);
    await sql
      .raw(`
        DO $$ BEGIN
          IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hookline_service') THEN
            CREATE ROLE hookline_service NOLOGIN;
          END IF;
          -- From PostgreSQL 16 on being a member is not enough for SET ROLE; before, there is no SET.
          IF NOT pg_has_role(current_user, 'hookline_service',
              CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) THEN
            EXECUTE format('GRANT hookline_service TO %I', current_user);
          END IF;
        END $$;
        CREATE SCHEMA IF NOT EXISTS hookline;`)
      .execute(transaction);
  });
}
