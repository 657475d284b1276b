import { migrate, schemaVersion } from '@hookline/event-log';
import { readComposeOptions, writeComposeFiles } from '../compose-setup.ts';
import { messageOf } from '../local-stack-error.ts';
import { ensureOwner } from '../postgres/owner.ts';

/**
 * The two one-shot containers of docker-compose.yml. `setup` writes keys and
 * configuration to /etc/hookline, `migrate` makes role, database and schema.
 */
const FOLDER = '/etc/hookline';

try {
  const [step] = process.argv.slice(2);
  if (step === 'setup') {
    await writeComposeFiles(FOLDER, readComposeOptions(process.env));
    console.log(`keys, credentials and configuration are in ${FOLDER}`);
  } else if (step === 'migrate') {
    const owner = variable('HOOKLINE_POSTGRES_OWNER_URL');
    const { password } = new URL(owner);
    await ensureOwner(variable('HOOKLINE_POSTGRES_SUPERUSER_URL'), decodeURIComponent(password));
    await migrate(owner);
    console.log(`the schema is at ${schemaVersion}`);
  } else {
    throw new Error('say `setup` or `migrate`');
  }
} catch (error) {
  console.error(`hookline: ${messageOf(error)}`);
  process.exitCode = 1;
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}
