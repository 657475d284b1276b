import { writeFile } from 'node:fs/promises';
import { cliDocument } from '../src/command/document.ts';
import { commandGroups } from '../src/table.ts';

/** Where the command line is written down for people. */
const file = new URL('../../../docs/cli.md', import.meta.url);

await writeFile(file, cliDocument(commandGroups));
console.log('docs/cli.md is written');
