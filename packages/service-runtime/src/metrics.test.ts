import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBoundedLabel } from './bounded-label.ts';
import { createMetrics } from './metrics.ts';

test('metrics are written in the Prometheus text format', () => {
  const metrics = createMetrics();
  const attempts = metrics.counter({ name: 'hookline_attempts_total', help: 'Attempts.' });
  attempts.add(1, { outcome: 'succeeded' });
  attempts.add(2, { outcome: 'succeeded' });
  attempts.add(1, { outcome: 'say "hi"\n\\' });
  metrics.gauge({ name: 'hookline_in_flight', help: 'In flight.', collect: () => 7 });
  const duration = metrics.histogram({
    name: 'hookline_attempt_seconds',
    help: 'Duration.',
    buckets: [0.1, 1],
  });
  for (const value of [0.05, 0.1, 0.5, 5]) duration.observe(value);
  assert.equal(
    metrics.text(),
    `# HELP hookline_attempts_total Attempts.
# TYPE hookline_attempts_total counter
hookline_attempts_total{outcome="succeeded"} 3
hookline_attempts_total{outcome="say \\"hi\\"\\n\\\\"} 1
# HELP hookline_in_flight In flight.
# TYPE hookline_in_flight gauge
hookline_in_flight 7
# HELP hookline_attempt_seconds Duration.
# TYPE hookline_attempt_seconds histogram
hookline_attempt_seconds_bucket{le="0.1"} 2
hookline_attempt_seconds_bucket{le="1"} 3
hookline_attempt_seconds_bucket{le="+Inf"} 4
hookline_attempt_seconds_sum 5.65
hookline_attempt_seconds_count 4
`,
  );
});

test('the number of series is bounded, and a name is taken once', () => {
  const metrics = createMetrics();
  const counter = metrics.counter({ name: 'hookline_x_total', help: 'x' });
  for (let index = 0; index < 2_000; index += 1) counter.add(1, { id: String(index) });
  assert.equal(metrics.text().split('\n').length, 1_003);
  assert.throws(() => metrics.gauge({ name: 'hookline_x_total', help: 'x' }), /already/);
});

test('an exporter reads the same numbers, each series with its labels', () => {
  const metrics = createMetrics();
  metrics.counter({ name: 'hookline_y_total', help: 'y', collect: () => 5 });
  const gauge = metrics.gauge({ name: 'hookline_z', help: 'z' });
  gauge.set(1, { stream: 'EVENTS' });
  gauge.clear();
  gauge.set(2, { stream: 'INGEST' });
  const size = metrics.histogram({ name: 'hookline_size', help: 's', buckets: [1, 2] });
  for (const value of [1, 2, 9]) size.observe(value);
  assert.deepEqual(metrics.families(), [
    { name: 'hookline_y_total', help: 'y', type: 'counter', series: [{ labels: {}, value: 5 }] },
    {
      ...{ name: 'hookline_z', help: 'z', type: 'gauge' },
      series: [{ labels: { stream: 'INGEST' }, value: 2 }],
    },
    {
      ...{ name: 'hookline_size', help: 's', type: 'histogram', bounds: [1, 2] },
      series: [{ labels: {}, counts: [1, 1], sum: 12, count: 3 }],
    },
  ]);
});

test('of names that others choose, the first ones are told apart and all others are one', () => {
  const label = createBoundedLabel(2);
  assert.deepEqual(['a', 'b', 'c', 'a', 'd'].map(label), ['a', 'b', 'other', 'a', 'other']);
});
