import { parseArgs } from 'node:util';
import { sql } from 'kysely';
import { type Database, openDatabase } from '../database.ts';
import { checkSchema } from '../migrate.ts';
import { projections } from '../projections/all-projections.ts';
import { checkProjection } from '../projections/check-projection.ts';
import type { Projection } from '../projections/projection.ts';
import { rebuildProjection } from '../projections/rebuild-projection.ts';

const usage = `Usage: npx pnpm projections <command>

Read models that are folded from the event log.

Commands:
  list             each projection, its version and how far it has read
  rebuild <name>   fold the whole log anew beside the live tables, then swap them in
  check <name>     fold the log anew and compare every row with the live tables

Environment:
  HOOKLINE_POSTGRES_OWNER_URL   the database, as its owner; else HOOKLINE_POSTGRES_URL

Exit codes: 0 done or equal, 1 failed, 2 wrong usage, 3 check found a difference`;

const FAILED = 1;
const WRONG_USAGE = 2;
const DIFFERENT = 3;
const PROGRESS_EVERY_MS = 1000;

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  return FAILED;
});

async function main(): Promise<number> {
  const parsed = parse();
  if (typeof parsed === 'string') {
    console.error(`${parsed}\n\n${usage}`);
    return WRONG_USAGE;
  }
  if (parsed.help) {
    console.log(usage);
    return 0;
  }
  const url = process.env.HOOKLINE_POSTGRES_OWNER_URL ?? process.env.HOOKLINE_POSTGRES_URL;
  if (url === undefined) {
    console.error(
      'HOOKLINE_POSTGRES_OWNER_URL is not set; set it to the URL of the database owner, for instance postgres://hookline:…@127.0.0.1:5433/hookline',
    );
    return FAILED;
  }
  await using database = openDatabase({
    url,
    maxConnections: 4,
    applicationName: 'hookline-projections',
    statementTimeoutMs: 0,
  });
  await checkSchema(database.kysely);
  if (parsed.command === 'list') return await list(database);
  return parsed.command === 'rebuild'
    ? await rebuild(database, parsed.projection)
    : await check(database, parsed.projection);
}

type Request =
  | { readonly help: true }
  | { readonly help: false; readonly command: 'list' }
  | {
      readonly help: false;
      readonly command: 'rebuild' | 'check';
      readonly projection: Projection;
    };

/** The request, or what is wrong with it. */
function parse(): Request | string {
  let parsed: { values: { help?: boolean }; positionals: string[] };
  try {
    parsed = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean' } } });
  } catch (error) {
    return (error as Error).message;
  }
  const [command, name, ...more] = parsed.positionals;
  if (parsed.values.help === true) return { help: true };
  if (more.length > 0) return `too many arguments: ${more.join(' ')}`;
  if (command === 'list' && name === undefined) return { help: false, command };
  if (command !== 'rebuild' && command !== 'check') {
    return command === undefined ? 'a command is missing' : `there is no command "${command}"`;
  }
  const projection = projections.find((each) => each.name === name);
  if (projection !== undefined) return { help: false, command, projection };
  const names = projections.map((each) => each.name).join(', ');
  return name === undefined
    ? `${command} needs the name of a projection: ${names}`
    : `there is no projection "${name}"; there is ${names}`;
}

async function list(database: Database): Promise<number> {
  const { rows } = await sql<{
    name: string;
    slot: string;
    version: number;
    events: bigint;
    at: Date;
  }>`
    SELECT name, slot, version, events_count AS events, updated_at AS at
    FROM hookline.projection ORDER BY name, slot DESC`.execute(database.kysely);
  for (const { name, version } of projections) {
    const slots = rows.filter((row) => row.name === name);
    if (slots.length === 0) console.log(`${name}  version ${version}  not folded yet`);
    for (const row of slots) {
      const wanted = row.version === version ? '' : `, needs a rebuild to ${version}`;
      console.log(
        `${name}  ${row.slot}  version ${row.version}${wanted}  ${row.events} events  ${row.at.toISOString()}`,
      );
    }
  }
  return 0;
}

async function rebuild(database: Database, projection: Projection): Promise<number> {
  const { events } = await rebuildProjection(database, projection, progress());
  console.log(`${projection.name}: rebuilt from ${events} events`);
  return 0;
}

async function check(database: Database, projection: Projection): Promise<number> {
  if (!(await isFolded(database, projection))) {
    console.error(
      `${projection.name}: nothing to check, since it was never folded: run "npx pnpm projections rebuild ${projection.name}"`,
    );
    return FAILED;
  }
  const result = await checkProjection(database, projection, progress());
  for (const { table, rows, missing, unexpected } of result.tables) {
    const difference = `${missing} rows missing or different, ${unexpected} unexpected`;
    console.log(`${table}: ${rows} rows, ${missing + unexpected === 0 ? 'equal' : difference}`);
  }
  const verdict = result.equal ? 'equal to' : 'DIFFERENT from';
  console.log(`${projection.name}: ${verdict} the fold of ${result.events} events`);
  return result.equal ? 0 : DIFFERENT;
}

async function isFolded(database: Database, { name }: Projection): Promise<boolean> {
  const row = await database.kysely
    .selectFrom('hookline.projection')
    .select('name')
    .where('name', '=', name)
    .where('slot', '=', 'live')
    .executeTakeFirst();
  return row !== undefined;
}

/** Progress goes to stderr, so that what is on stdout is the result alone. */
function progress(): { onProgress(events: number): void } {
  let shownAt = performance.now();
  return {
    onProgress(events) {
      if (performance.now() - shownAt < PROGRESS_EVERY_MS) return;
      shownAt = performance.now();
      console.error(`${events} events`);
    },
  };
}
