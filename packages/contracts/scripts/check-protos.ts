import { join } from 'node:path';
import { generatedFolder, generateInto, readTree, runBuf, withScratchFolder } from './buf.ts';

async function lint(scratch: string): Promise<string[]> {
  const { succeeded, output } = await runBuf(scratch, ['lint']);
  return succeeded ? [] : [`buf lint finds faults; mend them in proto/:\n${output}`];
}

async function checkFormat(scratch: string): Promise<string[]> {
  const args = ['format', '--diff', '--exit-code', 'proto'];
  const { succeeded, output } = await runBuf(scratch, args);
  if (succeeded) return [];
  return [`proto/ is not formatted; \`npx pnpm generate\` formats it:\n${output}`];
}

/** The names of files that differ between the committed output and a fresh one, with what differs. */
function compare(committed: Map<string, Buffer>, fresh: Map<string, Buffer>): string[] {
  const differences: string[] = [];
  for (const [path, contents] of fresh) {
    const found = committed.get(path);
    if (found === undefined) differences.push(`missing  ${path}`);
    else if (!found.equals(contents)) differences.push(`differs  ${path}`);
  }
  for (const path of committed.keys()) {
    if (!fresh.has(path)) differences.push(`left over  ${path}`);
  }
  return differences.sort();
}

async function checkDrift(scratch: string): Promise<string[]> {
  const output = join(scratch, 'gen');
  await generateInto(output, scratch);
  const differences = compare(await readTree(generatedFolder), await readTree(output));
  if (differences.length === 0) return [];
  const list = differences.map((line) => `  ${line}`).join('\n');
  return [
    `packages/contracts/src/gen is not what proto/ generates; mend it with \`npx pnpm generate\`:\n${list}`,
  ];
}

const faultsOf = (check: Promise<string[]>): Promise<string[]> =>
  check.catch((error) => [error instanceof Error ? error.message : String(error)]);

const faults = await withScratchFolder(async (scratch) => {
  const checks = [lint(scratch), checkFormat(scratch), checkDrift(scratch)];
  return (await Promise.all(checks.map(faultsOf))).flat();
});
for (const fault of new Set(faults)) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
else console.log('protos: linted, formatted, and the generated code is theirs');
