import { join, resolve } from 'node:path';
import { readEndpoints } from '@hookline/local-stack/endpoints';
import type { Run } from '../command/command.ts';
import { UsageError } from '../command/usage-error.ts';
import type { Environment } from '../context.ts';
import { exitCodes } from '../output/exit-codes.ts';
import type {
  migrateSpec,
  projectionsCheckSpec,
  projectionsListSpec,
  projectionsRebuildSpec,
  secretsRekeySpec,
} from '../specs/tool-specs.ts';

/**
 * Commands that are programs of the part of Hookline that they are about, with the database's owner
 * before them. They read the environment themselves and print text alone.
 */
const ROOT = resolve(import.meta.dirname, '..', '..', '..', '..');
const PROJECTIONS = 'packages/event-log/src/commands/projections.ts';

interface Flags {
  readonly json: boolean;
  readonly 'data-dir': string | undefined;
}

export const migrate: Run<typeof migrateSpec> = async ({ options }, { env }) => {
  await useStackDatabase(options, env);
  return await runProgram('packages/event-log/src/commands/migrate.ts', [], options);
};

export const listProjections: Run<typeof projectionsListSpec> = async ({ options }, { env }) => {
  await useStackDatabase(options, env);
  return await runProgram(PROJECTIONS, ['list'], options);
};

export const rebuildProjection: Run<typeof projectionsRebuildSpec> = async (input, { env }) => {
  await useStackDatabase(input.options, env);
  return await runProgram(PROJECTIONS, ['rebuild', input.arguments.name], input.options);
};

export const checkProjection: Run<typeof projectionsCheckSpec> = async (input, { env }) => {
  await useStackDatabase(input.options, env);
  return await runProgram(PROJECTIONS, ['check', input.arguments.name], input.options);
};

export const rekeySecrets: Run<typeof secretsRekeySpec> = ({ options }) =>
  runProgram('services/subscription-service/src/commands/secrets.ts', ['rekey'], options);

/** Without a database of one's own, that of the stack that runs. */
async function useStackDatabase(flags: Flags, env: Environment): Promise<void> {
  if (env.HOOKLINE_POSTGRES_OWNER_URL || env.HOOKLINE_POSTGRES_URL) return;
  const dataDir = flags['data-dir'] ?? (env.HOOKLINE_DATA_DIR || '.hookline');
  const endpoints = await readEndpoints(resolve(dataDir));
  if (endpoints !== undefined) process.env.HOOKLINE_POSTGRES_OWNER_URL = endpoints.postgres;
}

/** A program sets the exit code by itself, by the time it has been loaded. */
async function runProgram(path: string, args: readonly string[], { json }: Flags): Promise<number> {
  if (json)
    throw new UsageError([
      { subject: '--json', detail: 'is nothing that this command can do; leave it out' },
    ]);
  process.argv = [process.argv[0] ?? '', path, ...args];
  process.exitCode = undefined;
  await import(join(ROOT, path));
  return Number(process.exitCode ?? exitCodes.done);
}
