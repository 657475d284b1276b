import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventSpanIds, eventTrace, replayTrace } from './delivery-spans.ts';
import { parseTraceparent } from './trace-context.ts';
import { noTracing } from './tracing.ts';

test('whoever knows a delivery and the number knows the id of the span, and no other has it', () => {
  const ids = [
    eventSpanIds.attempt('dlv_1', 1),
    eventSpanIds.attempt('dlv_1', 2),
    eventSpanIds.attempt('dlv_2', 1),
    eventSpanIds.dead('dlv_1', 1),
    ...[eventSpanIds.ingest, eventSpanIds.append, eventSpanIds.send, eventSpanIds.dispatch].map(
      (of) => of('evt_1'),
    ),
  ];
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(eventSpanIds.attempt('dlv_1', 2), ids[1]);
  assert.ok(ids.every((id) => /^[0-9a-f]{16}$/.test(id)));
});

test('the trace of a replay is valid and its own', () => {
  const { traceparent } = replayTrace('rpl_1');
  assert.deepEqual(parseTraceparent(traceparent), replayTrace('rpl_1'));
  assert.notEqual(replayTrace('rpl_2').traceId, replayTrace('rpl_1').traceId);
});

test('an event without a trace, or with garbage for one, has none', () => {
  assert.equal(eventTrace(noTracing, undefined), undefined);
  assert.equal(eventTrace(noTracing, 'garbage'), undefined);
});
