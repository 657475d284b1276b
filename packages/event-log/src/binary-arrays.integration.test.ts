import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  bigintArray,
  byteaArray,
  doubleArray,
  integerArray,
  textArray,
  timestampArray,
} from './binary-arrays.ts';
import { openTestLog } from './fixtures.ts';

let log: Awaited<ReturnType<typeof openTestLog>>;
before(async () => {
  log = await openTestLog();
});
after(() => log?.[Symbol.asyncDispose]());

async function unnested(type: string, array: Buffer): Promise<unknown[]> {
  const text = `SELECT value FROM unnest($1::${type}[]) WITH ORDINALITY AS u(value, place) ORDER BY place`;
  const { rows } = await log.owner.pool.query<{ value: unknown }>(text, [array]);
  return rows.map((row) => row.value);
}

test('Postgres reads every array as it was given', async () => {
  const texts = ['', 'a "b" \\ {c,d}', null, 'NULL', 'é 漢 \u{1f600}', 'x'.repeat(300_000)];
  assert.deepEqual(await unnested('text', textArray(texts)), texts);
  const bytes = [Buffer.alloc(0), Buffer.from([0, 92, 255]), Buffer.alloc(32, 7)];
  assert.deepEqual(await unnested('bytea', byteaArray(bytes)), bytes);
  const integers = [null, 0, -2_147_483_648, 2_147_483_647];
  assert.deepEqual(await unnested('int', integerArray(integers)), integers);
  const bigints = [0n, -9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n];
  assert.deepEqual(await unnested('bigint', bigintArray(bigints)), bigints);
  const doubles = [0.1, -1e300, 12];
  assert.deepEqual(await unnested('float8', doubleArray(doubles)), doubles);
  const times = [
    new Date(0),
    null,
    new Date('2026-11-22T03:24:40.355Z'),
    new Date('9999-12-31T23:59:59Z'),
  ];
  assert.deepEqual(await unnested('timestamptz', timestampArray(times)), times);
});

test('an absent text is NULL, and an empty array is empty', async () => {
  assert.deepEqual(await unnested('text', textArray([undefined])), [null]);
  assert.deepEqual(await unnested('text', textArray([])), []);
  assert.deepEqual(await unnested('bytea', byteaArray([])), []);
  assert.deepEqual(await unnested('bigint', bigintArray([])), []);
});

test('a NUL character is a fault of the data, which Postgres names', async () => {
  await assert.rejects(unnested('text', textArray(['a\u0000b'])), { code: '22021' });
});
