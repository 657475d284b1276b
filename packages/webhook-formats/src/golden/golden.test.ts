import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { formatNames, getFormat } from '../registry.ts';
import { goldenText } from './cases.ts';

for (const name of formatNames) {
  test(`${name} sends for every event what it sent before, byte for byte`, () => {
    const format = getFormat(name);
    assert.ok(format);
    const before = readFileSync(new URL(`${name}.txt`, import.meta.url), 'utf8');
    const parts = (text: string) => text.split('\n# ');
    assert.deepEqual(
      parts(goldenText(format)),
      parts(before),
      'a change on the wire is one that receivers see: if it is meant, run packages/webhook-formats/scripts/write-golden.ts and review what it wrote',
    );
  });
}
