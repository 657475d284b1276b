import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventTypes, exampleEventData } from '@hookline/contracts';
import type { EventToAppend } from '@hookline/event-log';
import { createMetrics } from '@hookline/service-runtime';
import { createLogger } from '@hookline/telemetry';
import { createEventChecks } from './event-checks.ts';
import { createGatewayMetrics } from './gateway-metrics.ts';

const event = (type: string, data: object, change: Partial<EventToAppend> = {}): EventToAppend => ({
  tenant: 'default',
  source: '/p',
  type,
  phase: 'post',
  status: 'success',
  extensions: {},
  data: JSON.stringify(data),
  eventId: 'evt_1',
  key: Buffer.alloc(32),
  line: 'l',
  ...change,
});

function start({ strict = false } = {}) {
  const lines: string[] = [];
  const metrics = createMetrics();
  const clock = { at: 0 };
  const customTypes = new Set(['acme.own']);
  const checks = createEventChecks({
    directory: {
      get: (name) => ({ name, strict, customTypes, eventsPerSecond: undefined }),
      lookUp: async () => {},
    },
    metrics: createGatewayMetrics(metrics),
    logger: createLogger({
      service: 'test',
      destination: { write: (line: string) => void lines.push(line) },
    }),
    now: () => clock.at,
  });
  return { checks, lines, metrics, clock };
}

test('every example of the catalogue fits, and what differs is refused by a strict tenant alone', () => {
  const { checks } = start({ strict: true });
  for (const { type } of eventTypes) {
    assert.equal(checks.unfitness(event(type, exampleEventData(type) ?? {}), 'http'), undefined);
  }
  assert.equal(checks.unfitness(event('acme.own', { n: 1 }), 'http'), undefined);
  assert.equal(checks.unfitness(event('acme.odd', {}), 'http')?.code, 'unknown_type');
  const unfit = checks.unfitness(event('server.started', { name: 7 }), 'http');
  assert.deepEqual(unfit, {
    code: 'invalid_data',
    field: 'data.server_id',
    reason: 'data.server_id is missing; it is required; data.name must be string',
  });
  const failed = event('server.created', {}, { status: 'fail' });
  assert.equal(checks.unfitness(failed, 'http'), undefined, 'what failed to be made has no id');
});

test('otherwise it is taken, counted each time, and told once a minute without its values', () => {
  const { checks, lines, metrics, clock } = start();
  const send = (type = 'server.started') =>
    assert.equal(checks.unfitness(event(type, { name: ['s3cret'] }), 'nats'), undefined);
  for (let n = 0; n < 5; n += 1) send();
  send('xo.vm.stats');
  assert.equal(lines.length, 2);
  const [first] = lines.map((line) => JSON.parse(line));
  assert.deepEqual(
    [first.tenant, first.type, first.code, first.fields],
    ['default', 'server.started', 'invalid_data', ['data.server_id', 'data.name']],
  );
  assert.ok(!lines.join().includes('s3cret'));
  clock.at = 59_999;
  send();
  assert.equal(lines.length, 2);
  clock.at = 60_000;
  send();
  assert.equal(lines.length, 3);
  const counted = metrics.text().match(/^hookline_ingest_mismatched_total\{.*$/gm) ?? [];
  assert.deepEqual(counted.map((line) => line.split(' ').at(-1)).sort(), ['1', '7']);
});

test('types without end make neither the memory nor the log grow without bound', () => {
  const { checks, lines } = start();
  for (let n = 0; n < 1_500; n += 1) checks.unfitness(event(`acme.t${n}`, {}), 'nats');
  assert.equal(lines.length, 1_000);
});
