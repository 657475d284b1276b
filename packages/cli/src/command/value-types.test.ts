import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decimal,
  duration,
  durationText,
  httpUrl,
  id,
  integer,
  jsonObject,
  namedValue,
  time,
} from './value-types.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');

test('times are moments, days, or how long ago', () => {
  const { parse } = time(() => NOW);
  const text = (given: string) => parse(given)?.toISOString();
  assert.equal(text('2026-11-22T03:24:40Z'), '2026-11-22T03:24:40.000Z');
  assert.equal(text('2026-11-22T03:24:40+01:00'), '2026-11-22T02:24:40.000Z');
  assert.equal(text('2026-11-22'), '2026-11-22T00:00:00.000Z');
  assert.equal(text('90m'), '2026-11-22T10:30:00.000Z');
  for (const wrong of ['', 'yesterday', '2026-13-01', '2026-11-22T03:24:40', '12', '1w']) {
    assert.equal(text(wrong), undefined, wrong);
  }
});

test('spans of time have their unit and their bounds', () => {
  const { parse } = duration(100, 7 * 86_400_000);
  assert.deepEqual(
    ['100ms', '1.5s', '5m', '24h', '7d'].map(parse),
    [100, 1_500, 300_000, 86_400_000, 604_800_000],
  );
  for (const wrong of ['99ms', '8d', '5', 's', '-5s', '1e3s', '5 s'])
    assert.equal(parse(wrong), undefined, wrong);
  assert.deepEqual([100, 1_500, 60_000, 86_400_000, 0].map(durationText), [
    '100ms',
    '1500ms',
    '1m',
    '1d',
    '0ms',
  ]);
});

test('numbers, ids, pairs, URLs and objects are held to their rules', () => {
  assert.deepEqual(['1', '10', '0', '11', '1.5', '', '1e1', ' 1'].map(integer(1, 10).parse), [
    1,
    10,
    ...Array(6).fill(undefined),
  ]);
  assert.deepEqual(['0.1', '2', '.5', '-1'].map(decimal(0.1, 2).parse), [
    0.1,
    2,
    undefined,
    undefined,
  ]);
  assert.equal(id('sub').parse('sub_01m80mhnh3e85tvw1gzgw007n1'), 'sub_01m80mhnh3e85tvw1gzgw007n1');
  for (const wrong of ['dlv_01m80mhnh3e85tvw1gzgw007n1', 'sub_1', 'sub_01M80MHNH3E85TVW1GZGW007N1'])
    assert.equal(id('sub').parse(wrong), undefined);
  assert.deepEqual(namedValue(':').parse('webhook-id: a:b'), { name: 'webhook-id', value: 'a:b' });
  assert.deepEqual(namedValue().parse('a='), { name: 'a', value: '' });
  for (const wrong of ['=a', 'a']) assert.equal(namedValue().parse(wrong), undefined);
  assert.equal(httpUrl('').parse('http://a.example:1/x')?.port, '1');
  for (const wrong of ['a.example', 'ftp://a.example', 'http://'])
    assert.equal(httpUrl('').parse(wrong), undefined);
  assert.equal(jsonObject().parse('{"b": 1.0}'), '{"b": 1.0}');
  for (const wrong of ['[]', 'null', '1', '{', ''])
    assert.equal(jsonObject().parse(wrong), undefined);
});
