import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withQuery } from './client.ts';

test('a query leaves out what is empty, repeats lists and escapes what is foreign', () => {
  assert.equal(withQuery('/v1/events', { subject: '', type: [], from: undefined }), '/v1/events');
  assert.equal(
    withQuery('/v1/events', { type: ['server.*', 'a&b=c'], page_size: 100, omit_data: true }),
    '/v1/events?type=server.*&type=a%26b%3Dc&page_size=100&omit_data=true',
  );
});
