import { checkSchema, openDatabase } from '@hookline/event-log';
import {
  ConfigurationError,
  masterKeyVariables,
  optional,
  postgresVariables,
  readEnv,
} from '@hookline/service-runtime';
import { rekey } from '../postgres/rekey.ts';

const usage = `Usage: npx pnpm hookline secrets rekey

Seals everything anew with HOOKLINE_MASTER_KEY. Run it after every service has
been given the new key, with the one before in HOOKLINE_MASTER_KEYS_OLD. It can be
cut off and run again. When it is done, HOOKLINE_MASTER_KEYS_OLD can be unset.

Environment:
  HOOKLINE_MASTER_KEY           the present key, 32 bytes in base64
  HOOKLINE_MASTER_KEYS_OLD      those before, separated by commas
  HOOKLINE_POSTGRES_OWNER_URL   the database, as its owner; else HOOKLINE_POSTGRES_URL

Exit codes: 0 done, 1 failed, 2 wrong usage`;

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  return 1;
});

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    console.log(usage);
    return 0;
  }
  if (args.length !== 1 || args[0] !== 'rekey') {
    console.error(usage);
    return 2;
  }
  const { masterKey, masterKeysOld, ...urls } = readEnv(process.env, {
    ...masterKeyVariables,
    url: optional(postgresVariables.postgresUrl),
    ownerUrl: optional({ ...postgresVariables.postgresUrl, name: 'HOOKLINE_POSTGRES_OWNER_URL' }),
  });
  const url = urls.ownerUrl ?? urls.url;
  if (url === undefined) {
    const { rule } = postgresVariables.postgresUrl;
    throw new ConfigurationError([{ variable: 'HOOKLINE_POSTGRES_OWNER_URL', value: '', rule }]);
  }
  await using database = openDatabase({
    url,
    maxConnections: 2,
    applicationName: 'hookline-secrets',
    statementTimeoutMs: 0,
  });
  await checkSchema(database.kysely);
  const done = await rekey({
    database,
    masterKey,
    olderKeys: masterKeysOld,
    onProgress: (line) => console.log(line),
  });
  console.log(
    `everything is sealed with the present master key; sealed anew: ${done.tenantKeys} keys of tenants, ${done.subscriptions} subscriptions, ${done.answers} kept answers, ${done.retiredKeys} retired keys`,
  );
  return 0;
}
