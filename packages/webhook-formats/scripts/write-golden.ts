/** Writes what every format sends for every event into src/golden, for a review of the difference. */
import { writeFile } from 'node:fs/promises';
import { goldenText } from '../src/golden/cases.ts';
import { formatNames, getFormat } from '../src/registry.ts';

for (const name of formatNames) {
  const format = getFormat(name);
  if (format === undefined) continue;
  await writeFile(new URL(`../src/golden/${name}.txt`, import.meta.url), goldenText(format));
}
console.log(`${formatNames.length} files written into packages/webhook-formats/src/golden`);
