import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childTraceparent, newTraceparent, parseTraceparent } from './trace-context.ts';

const valid = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test('a valid traceparent is read', () => {
  assert.deepEqual(parseTraceparent(valid), {
    traceparent: valid,
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    sampled: true,
  });
});

test('what the specification calls invalid counts as absent', () => {
  for (const text of [
    undefined,
    null,
    '',
    'garbage',
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
    '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01',
    'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    `${valid}-extra`,
    `${valid}\r\nx-injected: 1`,
  ]) {
    assert.equal(parseTraceparent(text), undefined, String(text));
  }
});

test('a child keeps the trace and its sampling and has a span id of its own', () => {
  const first = childTraceparent(valid);
  const second = childTraceparent(parseTraceparent(valid));
  for (const child of [first, second]) {
    assert.equal(child.traceId, '0af7651916cd43dd8448eb211c80319c');
    assert.equal(child.sampled, true);
    assert.deepEqual(parseTraceparent(child.traceparent), child);
  }
  assert.notEqual(first.spanId, 'b7ad6b7169203331');
  assert.notEqual(first.spanId, second.spanId);
});

test('a child of nothing, or of garbage, begins a trace', () => {
  const ids = [childTraceparent(), childTraceparent('garbage'), childTraceparent(null)].map(
    ({ traceId }) => traceId,
  );
  assert.equal(new Set(ids).size, 3);
});

test('ten thousand new traces have ten thousand ids, all valid', () => {
  const traces = Array.from({ length: 10_000 }, () => newTraceparent());
  assert.equal(new Set(traces.map(({ traceId }) => traceId)).size, traces.length);
  assert.equal(new Set(traces.map(({ spanId }) => spanId)).size, traces.length);
  assert.ok(traces.every(({ traceparent }) => parseTraceparent(traceparent) !== undefined));
});
