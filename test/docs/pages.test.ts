import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { formatNames, getFormat } from '@hookline/webhook-formats';
import { PROXMOX_TEMPLATE } from '../../services/producer-gateway/src/domain/adapters/proxmox.ts';

const page = (name: string) => readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

test('the template to set in Proxmox is the one that its adapter reads', async () => {
  assert.ok((await page('other-systems.md')).includes(`\n${PROXMOX_TEMPLATE}\n`));
});

test('every format and every option is on the page of formats', async () => {
  const rows = (await page('webhook-formats.md'))
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  for (const name of formatNames) {
    const row = rows.find((line) => line.startsWith(`| \`${name}\``)) ?? '';
    for (const option of getFormat(name)?.options ?? []) {
      assert.ok(row.includes(`\`${option.name}\``), `${name}: ${option.name}`);
    }
    assert.notEqual(row, '', name);
  }
});
