import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { eventTypesDocument } from '../../packages/contracts/scripts/event-types-document.ts';

test('docs/event-types.md is what the catalogue says', async () => {
  const file = new URL('../../docs/event-types.md', import.meta.url);
  const written = await readFile(file, 'utf8');
  assert.equal(written, eventTypesDocument(), 'run `npx pnpm generate` and commit what it wrote');
});
