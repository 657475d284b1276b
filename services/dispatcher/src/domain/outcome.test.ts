import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify } from './outcome.ts';
import { parseRetryAfter } from './retry-after.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const response = (status: number, headers: Record<string, string> = {}, body = '') => {
  const result = classify(
    {
      kind: 'response',
      status,
      headers,
      bodyExcerpt: Buffer.from(body, 'latin1'),
      bodyTruncated: false,
      remoteAddress: '127.0.0.1',
      durationMs: 5,
    },
    now,
  );
  assert.ok(result);
  return result;
};

test('only 2xx is success, and each other class of status has its outcome', () => {
  const table = {
    200: 'succeeded',
    204: 'succeeded',
    299: 'succeeded',
    301: 'redirect',
    307: 'redirect',
    400: 'http_error',
    404: 'http_error',
    410: 'gone',
    429: 'throttled',
    500: 'http_error',
    503: 'http_error',
  };
  for (const [status, outcome] of Object.entries(table)) {
    assert.equal(response(Number(status)).outcome, outcome, status);
  }
});

test('Retry-After is read as seconds or an HTTP date, clamped, and ignored when it is neither', () => {
  const table: [string | undefined, number | undefined][] = [
    ['120', 120_000],
    ['0', 0],
    ['99999999999', 86_400_000],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    ['Thu, 01 Jan 2015 00:01:00 GMT', 0],
    ['Thu, 01 Jan 2099 00:01:00 GMT', 86_400_000],
    ['-5', undefined],
    ['soon', undefined],
    ['1e3', undefined],
    ['', undefined],
    [undefined, undefined],
  ];
  for (const [header, expected] of table) {
    assert.equal(parseRetryAfter(header, now), expected, String(header));
  }
  assert.equal(response(503, { 'retry-after': '7' }).retryAfterMs, 7000);
});

test('P3: the response excerpt is text where it is UTF-8 and base64 where it is not', () => {
  assert.deepEqual(response(200, {}, 'ok').responseBody, { text: 'ok', encoding: 'text' });
  assert.deepEqual(response(200, {}, '\xff\xfe').responseBody, {
    text: '//4=',
    encoding: 'base64',
  });
  assert.equal(response(200, {}, 'a\u0000b').responseBody?.encoding, 'base64');
  assert.equal(response(200).responseBody, undefined);
});

test('what was not sent is no attempt, and what was cut off has an unknown end', () => {
  const cancelled = { kind: 'cancelled', error: 'closing', durationMs: 1 } as const;
  assert.equal(classify({ ...cancelled, requestSent: false }, now), undefined);
  assert.equal(classify({ ...cancelled, requestSent: true }, now)?.outcome, 'unknown');
  assert.equal(classify({ kind: 'overloaded', error: 'full', durationMs: 0 }, now), undefined);
});
