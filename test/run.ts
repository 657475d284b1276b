/**
 * The test command: types, lint and protos side by side, then every test against a PostgreSQL and
 * NATS servers that it starts itself. `npx pnpm test <file or glob>…` runs those tests only.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startTestPostgres, TEST_POSTGRES_VARIABLE, tempDir } from '@hookline/testing';
import { SHARED_STACK_VARIABLE, startSharedStack } from './support/shared-stack.ts';
import { groupByPackage, writeTestGroups } from './support/test-groups.ts';

const usage = `Usage: npx pnpm test [options] [file or glob …]

Checks types, lint and protos, then runs all tests, or those named.

Options:
  --only-tests   leave out the checks
  --help         show this text`;

const TEST_FILES = [
  'packages/*/src/**/*.test.ts',
  'services/*/src/**/*.test.ts',
  'services/*/web/src/**/*.test.ts',
  'test/**/*.test.ts',
];
/** Tests without I/O, which share one process: a process for each would take longer than they do. */
const isUnitTest = (file: string): boolean =>
  !file.endsWith('.integration.test.ts') && !file.startsWith('test/');
/** Tests from the outside, each of which takes a tenant of one stack: its start costs 10 s of processor. */
const sharesStack = (file: string): boolean =>
  /^test\/(cli\/redrive|clients|end-to-end|walls)/.test(file);
/** Files with processes of their own to start and to kill, which take longest: alone, and first. */
const isOnItsOwn = (file: string): boolean => file.startsWith('test/') && !sharesStack(file);
/** One file that hangs must not use up the time of all. */
const FILE_TIMEOUT_MS = 120_000;
const GROUP_TIMEOUT_MS = 400_000;
const CONCURRENCY = 4;
/** The console of the shared stack shows the page; a fresh clone has none yet. */
const BUILD_PAGE = 'services/console/scripts/build-page.ts';

/** A signal ends the tests first, and then what they stand on, so that no process is left. */
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => interruption.abort());
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'only-tests': { type: 'boolean' }, help: { type: 'boolean' } },
});

if (values.help) console.log(usage);
else process.exitCode = (await runAll()) ? 0 : 1;

async function runAll(): Promise<boolean> {
  const startedAt = performance.now();
  if (!values['only-tests'] && positionals.length === 0) {
    const checks = await Promise.all([
      step('types', ['tsc', '--noEmit', '-p', 'tsconfig.json']),
      step('types of the page', ['tsc', '--noEmit', '-p', 'services/console/web/tsconfig.json']),
      step('lint', ['biome', 'check', '--error-on-warnings', '.']),
      step('protos', ['node', 'packages/contracts/scripts/check-protos.ts']),
    ]);
    if (checks.includes(false)) return false;
  }
  const passed = await runTests(positionals.length > 0 ? positionals : TEST_FILES);
  console.log(`${passed ? 'passed' : 'FAILED'} in ${seconds(startedAt)}`);
  return passed;
}

async function runTests(patterns: readonly string[]): Promise<boolean> {
  const files = globSync(patterns, { exclude: (name) => name === 'node_modules' }).sort();
  if (files.length === 0) {
    console.error(`no test file matches ${patterns.join(' ')}`);
    return false;
  }
  const { unit = [], other = [] } = Object.groupBy(files, (file) =>
    isUnitTest(file) ? 'unit' : 'other',
  );
  const inOneProcess = ['--test-isolation=none', `--test-timeout=${FILE_TIMEOUT_MS}`];
  const unitPassed = unit.length === 0 || (await runFiles(unit, inOneProcess));
  if (other.length === 0) return unitPassed;
  await using postgres = await startTestPostgres();
  const options = [`--test-concurrency=${CONCURRENCY}`, `--test-timeout=${GROUP_TIMEOUT_MS}`];
  const env: Record<string, string> = { [TEST_POSTGRES_VARIABLE]: postgres.superuserUrl };
  const needsStack = other.some(sharesStack);
  if (needsStack && !(await step('page', ['node', BUILD_PAGE]))) return false;
  await using stack = needsStack ? await startSharedStack() : undefined;
  if (stack !== undefined) env[SHARED_STACK_VARIABLE] = stack.dataDir;
  const { own = [], grouped = [] } = Object.groupBy(other, (file) =>
    isOnItsOwn(file) ? 'own' : 'grouped',
  );
  // The largest first, so that all end at about the same time.
  const bySize = groupByPackage(grouped).sort((one, two) => two.length - one.length);
  await using folder = await tempDir('test-groups');
  const groups = await writeTestGroups(folder.path, bySize, { timeoutMs: FILE_TIMEOUT_MS });
  return (await runFiles([...own, ...groups], options, env)) && unitPassed;
}

function runFiles(
  files: readonly string[],
  options: readonly string[],
  env: Record<string, string> = {},
): Promise<boolean> {
  const command = ['node', '--test', ...options, ...files];
  // A hundred processes load the same modules: what one has compiled the next one reads.
  return step('tests', command, {
    ...env,
    NODE_COMPILE_CACHE: join('node_modules', '.cache', 'node'),
  });
}

/** Runs one command, its output shown when it ends, or as it comes for the tests. */
async function step(
  name: string,
  [command, ...args]: readonly string[],
  env: Record<string, string> = {},
): Promise<boolean> {
  const startedAt = performance.now();
  const shown = name === 'tests';
  const program = command === 'node' ? process.execPath : `node_modules/.bin/${command}`;
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', shown ? 'inherit' : 'pipe', shown ? 'inherit' : 'pipe'],
  });
  const end = () => child.kill('SIGTERM');
  if (interruption.signal.aborted) end();
  interruption.signal.addEventListener('abort', end);
  const output: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => output.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  interruption.signal.removeEventListener('abort', end);
  if (code !== 0 && !shown) process.stdout.write(Buffer.concat(output));
  console.log(`${code === 0 ? 'ok' : 'FAILED'}  ${name}  ${seconds(startedAt)}`);
  return code === 0;
}

function seconds(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}
