import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHealthServer } from './health-server.ts';
import { createMetrics } from './metrics.ts';

const host = '127.0.0.1';

test('alive, ready and metrics, with the reason for what is not ready', async () => {
  const metrics = createMetrics();
  metrics.counter({ name: 'hookline_x_total', help: 'x' }).add(1);
  const server = createHealthServer({ service: 'dispatcher', host, port: 0, metrics });
  await server.start();
  const get = async (path: string) => {
    const response = await fetch(`http://${host}:${server.port()}${path}`);
    return { status: response.status, text: await response.text() };
  };
  assert.equal((await get('/healthz')).status, 200);
  assert.equal((await get('/readyz')).status, 503);
  server.setReady(true);
  assert.equal((await get('/readyz')).status, 200);
  server.addCheck('nats', () => {
    throw new Error('not connected');
  });
  server.addCheck('postgres', async () => {});
  assert.deepEqual(await get('/readyz'), {
    status: 503,
    text: '{"status":"not_ready","not_ready":{"nats":"not connected"}}\n',
  });
  assert.match((await get('/metrics')).text, /hookline_x_total 1/);
  assert.equal((await get('/else')).status, 404);
  await server.stop();
  await server.stop();
});

test('a taken port is told in one line with the variable that mends it', async () => {
  const options = { service: 'dispatcher', host, port: 0, metrics: createMetrics() };
  const first = createHealthServer(options);
  await first.start();
  const port = first.port();
  const second = createHealthServer({ ...options, port });
  await assert.rejects(second.start(), {
    name: 'StartError',
    message: `port ${port} on 127.0.0.1 (health and metrics of dispatcher) is taken by another program`,
    mend: /HOOKLINE_PORT_OFFSET/,
  });
  await first.stop();
});
