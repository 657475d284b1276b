import { migrate, schemaVersion } from '../migrate.ts';

const url = process.env.HOOKLINE_POSTGRES_OWNER_URL ?? process.env.HOOKLINE_POSTGRES_URL;
if (url === undefined) {
  console.error(
    'HOOKLINE_POSTGRES_OWNER_URL is not set; set it to the URL of the database owner, for instance postgres://hookline:…@127.0.0.1:5433/hookline',
  );
  process.exitCode = 1;
} else {
  await migrate(url);
  console.log(`the schema is at ${schemaVersion}`);
}
