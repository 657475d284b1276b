import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpOutcome } from '@hookline/safe-http';
import { resolveRetryPolicy } from '@hookline/subscriptions';
import { decide } from './decide.ts';
import type { Decision, Outcome } from './delivery.ts';
import { type EndpointSignal, signalOf } from './endpoint-signal.ts';
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

const failure = { error: 'why', durationMs: 5 } as const;
const own: HttpOutcome[] = [
  { ...failure, kind: 'timeout', phase: 'headers', requestSent: true },
  { ...failure, kind: 'connection_failed', code: 'ECONNREFUSED', requestSent: false },
  { ...failure, kind: 'tls_failed', code: 'CERT_HAS_EXPIRED' },
  { ...failure, kind: 'dns_failed', code: 'ENOTFOUND' },
  { ...failure, kind: 'refused', code: 'address_not_allowed' },
  { ...failure, kind: 'response_too_large' },
  { ...failure, kind: 'cancelled', requestSent: true },
];

/** What the endpoint did, the outcome, what it tells of the endpoint, what becomes of the delivery. */
const POLICY: [did: number | HttpOutcome['kind'], Outcome, EndpointSignal, Decision['kind']][] = [
  [200, 'succeeded', 'well', 'succeeded'],
  [204, 'succeeded', 'well', 'succeeded'],
  [299, 'succeeded', 'well', 'succeeded'],
  [300, 'redirect', 'failing', 'retry'],
  [301, 'redirect', 'failing', 'retry'],
  [304, 'redirect', 'failing', 'retry'],
  [307, 'redirect', 'failing', 'retry'],
  [400, 'http_error', 'failing', 'retry'],
  [401, 'http_error', 'failing', 'retry'],
  [404, 'http_error', 'failing', 'retry'],
  [410, 'gone', 'nothing', 'dead'],
  [429, 'throttled', 'throttling', 'retry'],
  [500, 'http_error', 'failing', 'retry'],
  [501, 'http_error', 'failing', 'retry'],
  [502, 'http_error', 'overloaded', 'retry'],
  [503, 'http_error', 'overloaded', 'retry'],
  [504, 'http_error', 'overloaded', 'retry'],
  [599, 'http_error', 'failing', 'retry'],
  ['timeout', 'timeout', 'congested', 'retry'],
  ['connection_failed', 'connection_failed', 'congested', 'retry'],
  ['tls_failed', 'tls_failed', 'failing', 'retry'],
  ['dns_failed', 'dns_failed', 'failing', 'retry'],
  ['refused', 'address_refused', 'nothing', 'retry'],
  ['response_too_large', 'response_too_large', 'failing', 'retry'],
  ['cancelled', 'unknown', 'nothing', 'retry'],
];

test('P3, P4: the outcome policy, case by case: 2xx alone is success, and no redirect is followed', () => {
  const policy = resolveRetryPolicy({ preset: 'cdhosting' });
  const endedAt = new Date(now);
  for (const [did, ...expected] of POLICY) {
    const sent = own.find(({ kind }) => kind === did);
    const result = sent === undefined ? response(Number(did)) : classify(sent, now);
    assert.ok(result);
    const { kind } = decide({ policy, result, attemptsBefore: 0, endedAt, random: 0 });
    assert.deepEqual([result.outcome, signalOf(result), kind], expected, String(did));
    assert.equal(result.error === undefined, result.outcome === 'succeeded', String(did));
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
    ['1.5', undefined],
    ['0x10', undefined],
    ['12 s', undefined],
    ['9'.repeat(400), 86_400_000],
    ['Thursday, 01-Jan-26 00:01:00 GMT', 60_000],
    ['Thu Jan  1 00:01:00 2026', 60_000],
    ['Thu, 99 Foo 2026 00:01:00 GMT', undefined],
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
