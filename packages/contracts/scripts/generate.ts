import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generatedFolder, generateInto, readTree, runBuf, withScratchFolder } from './buf.ts';
import { eventTypesDocument } from './event-types-document.ts';

/** Where the catalogue of event types is written for people. */
const eventTypesFile = new URL('../../../docs/event-types.md', import.meta.url);

/**
 * Formats `proto/` and replaces `src/gen` by what is generated from it. The old output stays as it
 * is when anything fails.
 */
async function generate(): Promise<number> {
  return withScratchFolder(async (scratch) => {
    const formatted = await runBuf(scratch, ['format', '--write', 'proto']);
    if (!formatted.succeeded) throw new Error(`buf format failed:\n${formatted.output}`);
    const output = join(scratch, 'gen');
    await generateInto(output, scratch);
    await rm(generatedFolder, { recursive: true, force: true });
    await cp(output, generatedFolder, { recursive: true });
    return (await readTree(output)).size;
  });
}

try {
  await writeFile(eventTypesFile, eventTypesDocument());
  console.log(`${await generate()} files generated into packages/contracts/src/gen`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
