import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DomainError } from '@hookline/contracts';
import { readPageSize, readPageToken, writePageToken } from './paging.ts';

const faultOf = (field: string) => (error: unknown) =>
  error instanceof DomainError && error.fields[0]?.field === field;

test('a page has the size asked for, the default for 0, and at most 1,000', () => {
  assert.deepEqual(
    [readPageSize(7), readPageSize(0), readPageSize(0, 20), readPageSize(9_999)],
    [7, 50, 20, 1_000],
  );
  assert.throws(() => readPageSize(-1), faultOf('page_size'));
});

test('a token goes on where the page ended, and only with the question it was given for', () => {
  const question = { tenant: 'a', states: [1], from: new Date(0), position: 7n };
  const token = writePageToken(['2026-01-01', 'dlv_1'], question);
  assert.deepEqual(readPageToken(token, { ...question }), ['2026-01-01', 'dlv_1']);
  assert.equal(readPageToken('', question), undefined);
  assert.throws(() => readPageToken(token, { ...question, states: [2] }), faultOf('page_token'));
  for (const garbage of ['x', '%%%', Buffer.from('{"a":1}').toString('base64url')]) {
    assert.throws(() => readPageToken(garbage, question), faultOf('page_token'), garbage);
  }
});
