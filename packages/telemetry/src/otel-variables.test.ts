import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOtelSettings } from './otel-variables.ts';

function read(env: Record<string, string>) {
  const warnings: string[] = [];
  const settings = readOtelSettings(env, {
    warn: (line: string) => void warnings.push(line),
  } as never);
  return { settings, warnings };
}

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

test('without an endpoint, with an empty one, and when disabled, nothing is exported', () => {
  const disabled = { ...endpoint, OTEL_SDK_DISABLED: 'true' };
  for (const env of [{}, { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, disabled]) {
    const { settings, warnings } = read(env);
    assert.deepEqual([settings.traces, settings.metrics, warnings], [false, false, []]);
  }
});

test('an endpoint of one signal turns on that signal, and none turns one off', () => {
  const one = read({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' });
  assert.deepEqual([one.settings.traces, one.settings.metrics], [true, false]);
  const other = read({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' });
  assert.deepEqual([other.settings.traces, other.settings.metrics], [false, true]);
});

test('defaults are those of OpenTelemetry', () => {
  const { settings } = read(endpoint);
  const { sampler, ratio, batch, metricIntervalMs } = settings;
  assert.deepEqual([sampler, ratio, metricIntervalMs], ['parentbased_always_on', 1, 60_000]);
  assert.deepEqual(batch, {
    queueMax: 2048,
    batchMax: 512,
    delayMs: 5000,
    exportTimeoutMs: 30_000,
  });
});

test('what cannot be read is told by name and rule, and the default is used', () => {
  const { settings, warnings } = read({
    ...endpoint,
    OTEL_TRACES_SAMPLER: 'sometimes',
    OTEL_TRACES_SAMPLER_ARG: '7',
    OTEL_BSP_MAX_QUEUE_SIZE: 'many',
    OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'grpc',
    OTEL_RESOURCE_ATTRIBUTES: 'nonsense',
  });
  assert.equal(warnings.length, 5);
  assert.ok(
    warnings.some((line) => line.startsWith('OTEL_TRACES_SAMPLER=sometimes: it must be one')),
  );
  assert.deepEqual(
    [settings.sampler, settings.ratio, settings.batch.queueMax],
    ['parentbased_always_on', 1, 2048],
  );
  assert.deepEqual([settings.traces, settings.metrics], [true, false]);
});

test('resource attributes are key=value pairs, percent-decoded', () => {
  const { settings } = read({
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test, a=b%20c',
  });
  assert.deepEqual(settings.resourceAttributes, {
    'deployment.environment.name': 'test',
    a: 'b c',
  });
});
