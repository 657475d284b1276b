import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, startOtlpCollector } from '@hookline/testing';
import { createLogger } from './logger.ts';
import { startTelemetry } from './telemetry.ts';
import { newTraceparent } from './trace-context.ts';

function collectLines() {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line).msg) };
  return { lines, logger: createLogger({ service: 'dispatcher', destination }) };
}

/** The exporters read the environment of the process themselves, as OpenTelemetry has it. */
function withEnvironment(env: Record<string, string>): Disposable {
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, env);
  return {
    [Symbol.dispose]() {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    },
  };
}

async function start(endpoint: string, env: Record<string, string> = {}) {
  const set = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_BSP_SCHEDULE_DELAY: '20', ...env };
  const { lines, logger } = collectLines();
  using _environment = withEnvironment(set);
  const options = { service: 'dispatcher', version: '1.2.3', build: 'test', logger, env: set };
  const telemetry = await startTelemetry(options);
  telemetry.exportMetrics(() => [
    { name: 'hookline_x_total', help: 'x', type: 'counter', series: [{ labels: {}, value: 1 }] },
  ]);
  return { telemetry, lines };
}

const span = () => ({
  name: 'POST',
  kind: 'client' as const,
  context: newTraceparent(),
  startedMs: Date.now(),
  endedMs: Date.now() + 1,
  attributes: { 'http.request.method': 'POST' },
});

test('spans and metrics reach a collector, the last ones at the stop', async () => {
  await using collector = await startOtlpCollector();
  const { telemetry } = await start(collector.url);
  const first = span();
  telemetry.tracing.record(first);
  await eventually(() => assert.equal(collector.spans.length, 1));
  const links = [newTraceparent()];
  telemetry.tracing.record({ ...span(), parentSpanId: first.context.spanId, links, error: 'no' });
  assert.equal(await telemetry.stop(), true);
  const [one, other] = collector.spans;
  const { traceId, spanId } = first.context;
  assert.deepEqual([one?.traceId, one?.spanId, one?.service], [traceId, spanId, 'dispatcher']);
  assert.deepEqual([one?.kind, one?.isError], ['client', false]);
  assert.deepEqual([other?.parentSpanId, other?.isError], [spanId, true]);
  assert.deepEqual(
    other?.links.map((link) => link.traceId),
    [links[0]?.traceId],
  );
  assert.ok(collector.metricNames.has('hookline_x_total'));
  assert.deepEqual({ ...telemetry.spanCounts }, { exported: 2, failed: 0, dropped: 0 });
});

test('a collector that hangs costs neither memory nor time: spans beyond the bound are dropped', async () => {
  await using collector = await startOtlpCollector('hang');
  const bounds = {
    OTEL_BSP_MAX_QUEUE_SIZE: '100',
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '50',
    OTEL_EXPORTER_OTLP_TIMEOUT: '4000',
  };
  const { telemetry } = await start(collector.url, bounds);
  const startedAt = performance.now();
  for (let count = 0; count < 10_000; count += 1) telemetry.tracing.record(span());
  assert.ok(performance.now() - startedAt < 2_000, 'ten thousand are told in no time');
  assert.equal(telemetry.spanCounts?.dropped, 10_000 - 150);
  const stopped = performance.now();
  assert.equal(await telemetry.stop(), false, 'not all of it was taken');
  assert.ok(performance.now() - stopped < 8_000, 'and nobody waits for it for long');
});

test('a collector that is away or refuses is told once, and once when it is back', async () => {
  await using collector = await startOtlpCollector('refuse');
  const timeout = { OTEL_EXPORTER_OTLP_TIMEOUT: '100' };
  const { telemetry, lines } = await start(collector.url, timeout);
  for (const failed of [1, 2]) {
    telemetry.tracing.record(span());
    await eventually(() => assert.equal(telemetry.spanCounts?.failed, failed));
  }
  assert.equal(lines.filter((line) => /spans are lost/.test(line)).length, 1);
  collector.behave('accept');
  telemetry.tracing.record(span());
  await eventually(() => assert.ok(lines.includes('the collector takes spans again')));
  await telemetry.stop();
});

test('without an endpoint nothing is sampled on, recorded or exported', async () => {
  const { logger } = collectLines();
  const options = { service: 'x', version: '1', build: 'b', logger, env: {} };
  const { tracing, spanCounts, stop } = await startTelemetry(options);
  assert.deepEqual([tracing.enabled, spanCounts], [false, undefined]);
  assert.equal(tracing.isSampled('0'.repeat(32), true), true, 'the flag of others goes on');
  assert.equal(tracing.isSampled('0'.repeat(32), undefined), false);
  assert.equal(await stop(), true);
});
