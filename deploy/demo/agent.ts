/**
 * The sample agent of docker-compose.yml: publishes the life of a server over NATS, an event every
 * HOOKLINE_DEMO_EVERY_MS (5,000 by default), from its creation to its end and then that of the next.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type AgentEvent, connectAgent } from '@hookline/agent';
import { stopSignal } from './stop-signal.ts';

/** Renewed with each confirmed event; the container's health is its age. */
const CONFIRMED_FILE = '/tmp/confirmed';

const everyMs = readInterval(process.env.HOOKLINE_DEMO_EVERY_MS ?? '5000');
const signal = stopSignal();

await using agent = await connectAgent({
  servers: process.env.HOOKLINE_NATS_URL ?? 'nats://nats:4222',
  credsPath: '/etc/hookline/default.node-1.creds',
  name: 'demo-agent',
  heartbeat: { everyMs: 30_000 },
  connectTimeoutMs: 120_000,
  signal,
  onConnection: (change) => console.log(`connection ${change.kind}`),
});
// The age of the file means something only from the first event on.
writeFileSync(CONFIRMED_FILE, '');

while (!signal.aborted) {
  for (const event of serverLife(Date.now().toString(36))) {
    if (signal.aborted) break;
    const outcome = await agent.publish(event);
    if (outcome.kind === 'rejected') throw new Error(`${event.type}: ${outcome.reason}`);
    console.log(`published ${event.type}, confirmed as ${outcome.eventId}`);
    writeFileSync(CONFIRMED_FILE, outcome.eventId);
    await delay(everyMs, undefined, { signal }).catch(() => {});
  }
}

function serverLife(name: string): readonly AgentEvent[] {
  const server = { server_id: `srv_${name}`, name: `demo-${name}`, ip: '192.0.2.10' };
  const event = (type: string, status: string): AgentEvent => ({
    type,
    data: { ...server, status },
    id: `demo-${name}-${type}`,
  });
  return [
    event('server.created', 'stopped'),
    event('server.started', 'running'),
    event('server.migrated_live', 'running'),
    event('server.stopped', 'stopped'),
    event('server.deleted', 'deleted'),
  ];
}

function readInterval(text: string): number {
  const ms = Number(text);
  if (Number.isInteger(ms) && ms >= 10 && ms <= 3_600_000) return ms;
  throw new Error(`HOOKLINE_DEMO_EVERY_MS is ${text}; it must be a number from 10 to 3600000`);
}
