import { join, resolve } from 'node:path';

/** `npx pnpm hookline <command>`: each command is a program of the part of Hookline that it is about. */
const ROOT = resolve(import.meta.dirname, '..', '..', '..', '..');
const commands: Readonly<Record<string, string>> = {
  secrets: 'services/subscription-service/src/commands/secrets.ts',
  projections: 'packages/event-log/src/commands/projections.ts',
  migrate: 'packages/event-log/src/commands/migrate.ts',
};

const [name = ''] = process.argv.splice(2, 1);
const path = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (path === undefined) {
  console.error(
    `Usage: npx pnpm hookline <command>\n\nCommands: ${Object.keys(commands).join(', ')}\n\nEach explains itself with --help.`,
  );
  process.exitCode = 2;
} else {
  await import(join(ROOT, path));
}
