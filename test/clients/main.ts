/**
 * The tests of clients that are not ours: installs what is missing into `node_modules/.cache/clients`
 * and runs the tests, which `npx pnpm test` then runs as well. It takes minutes the first time.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { absence, markOf, type Tool, tools } from './tools.ts';

for (const tool of tools) await install(tool);
process.exitCode = await run([process.execPath, 'test/run.ts', 'test/clients/*.test.ts']);

/** Installs a tool that is missing; says so when the machine has not what that takes. */
async function install(tool: Tool): Promise<void> {
  if (absence(tool) === false) return;
  const startedAt = performance.now();
  const { folder, name } = tool;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const command of tool.install(folder)) {
    const [program] = command;
    if (!isThere(program)) {
      console.log(`${name} is left out: ${program} is not on this machine`);
      return;
    }
    const code = await run(command, { GOBIN: folder });
    if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}`);
  }
  await writeFile(markOf(tool), '');
  console.log(`${name} installed in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
}

function isThere(program: string): boolean {
  if (program.includes('/')) return existsSync(program);
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.some((folder) => existsSync(join(folder, program)));
}

async function run(
  [program, ...args]: readonly [string, ...string[]],
  env: Record<string, string> = {},
): Promise<number | null> {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}
