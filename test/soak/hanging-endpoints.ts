/**
 * 5,000 requests under way to endpoints that hang, and what memory the dispatcher has then:
 * `node test/soak/hanging-endpoints.ts`. Fails above 300 MB. Linux only. Takes about a minute.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { eventually, startReceiver } from '@hookline/testing';
import { startTestStack } from '../support/stack.ts';

const IN_FLIGHT = 5_000;
/** Of requests at once to an endpoint that has never answered. */
const EACH = 8;
const ENDPOINTS = IN_FLIGHT / EACH;
const MEGABYTES_MAX = 300;

await using stack = await startTestStack({ HOOKLINE_LOG_LEVEL: 'warn' });
const sockets = new Set<Socket>();
// An origin for every hundred endpoints: what one origin may have is bounded as well.
const servers = await Promise.all(Array.from({ length: Math.ceil(ENDPOINTS / 30) }, listen));
const healthy = await startReceiver();

for (let index = 0; index < ENDPOINTS; index += 1) {
  const port = servers[index % servers.length]?.port;
  await stack.createWebhook({
    url: `http://127.0.0.1:${port}/${index}`,
    events: ['bench.hang'],
    format: 'standard',
  });
}
await stack.createWebhook({ url: healthy.url, events: ['bench.well'], format: 'standard' });
const pid = (await stack.current())?.pids.dispatcher;
console.log(`before: ${megabytesOf(pid)} MB`);

for (let n = 0; n < EACH; n += 1) await publish('bench.hang');
let most = 0;
await eventually(
  () => {
    most = Math.max(most, sockets.size);
    assert.ok(sockets.size >= IN_FLIGHT, `${sockets.size} requests hang`);
  },
  { timeoutMs: 14_000 },
).catch((error: Error) => console.log(error.message));
const used = megabytesOf(pid);
console.log(`${most} requests hang: ${used} MB`);
for (let count = 1; count <= 5; count += 1) {
  const before = performance.now();
  await publish('bench.well');
  await healthy.waitFor(count);
  console.log(`an event beside them arrives after ${Math.round(performance.now() - before)} ms`);
}

await healthy.stop();
for (const socket of sockets) socket.destroy();
for (const { server } of servers) server.close();
assert.ok(most >= IN_FLIGHT, `only ${most} requests were under way`);
assert.ok(used < MEGABYTES_MAX, `the dispatcher has ${used} MB; ${MEGABYTES_MAX} are the most`);

async function listen() {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return { server, port: address.port };
}

async function publish(type: string): Promise<void> {
  const { ingest, publisherKey } = stack.endpoints;
  const response = await fetch(`${ingest}/ingest/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${publisherKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ type, data: { server_id: 'srv_1' } }),
  });
  assert.equal(response.status, 202, await response.text());
}

function megabytesOf(process: number | null | undefined): number {
  const status = readFileSync(`/proc/${process}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s*(\d+)/.exec(status)?.[1]) / 1_024);
}
