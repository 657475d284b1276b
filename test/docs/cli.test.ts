import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { cliDocument, commandGroups } from '@hookline/cli';

const page = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), 'utf8');

test('docs/cli.md is what the table of commands says', async () => {
  const written = await page('docs/cli.md');
  assert.equal(
    written,
    cliDocument(commandGroups),
    'run `npx pnpm generate` and commit what it wrote',
  );
});

test('the README names every command', async () => {
  const readme = await page('README.md');
  for (const { name } of commandGroups) assert.ok(readme.includes(`| \`${name}\``), name);
});
