import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { streamDefinitions } from '@hookline/contracts';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { connect, credsAuthenticator } from '@nats-io/transport-node';
import type { TestStack } from '../support/stack.ts';
import { assertNothingLost, isBack, kill, seconds, startScenario } from './scenario.ts';

const EVENTS = 1_500;
const LIMIT_MS = 40_000;

test('P1: every stream is purged and then deleted in the middle of 1,500 confirmed events, and all arrive', async (t) => {
  await using scenario = await startScenario({ events: EVENTS });
  const { stack, agent } = scenario;
  await using streams = await openStreams(stack);

  await agent.untilConfirmed(EVENTS * 0.25, 20_000);
  await streams.purgeAll();
  const purgedAt = performance.now();
  const afterPurge = await agent.untilConfirmed(agent.published() + 1, LIMIT_MS);
  t.diagnostic(`confirmations went on ${seconds(afterPurge - purgedAt)} after the purge`);

  await agent.untilConfirmed(EVENTS * 0.5, LIMIT_MS);
  await streams.deleteAll();
  const deletedAt = performance.now();
  const afterDeletion = await agent.untilConfirmed(agent.published() + 1, LIMIT_MS);
  t.diagnostic(`confirmations went on ${seconds(afterDeletion - deletedAt)} after the deletion`);

  // Without a dispatcher, what is confirmed meanwhile is in EVENTS and in the outbox, and nowhere else.
  await agent.untilConfirmed(EVENTS * 0.75, LIMIT_MS);
  const dispatcher = await kill(stack, 'dispatcher');
  await agent.untilConfirmed(agent.published() + 50, LIMIT_MS);
  await streams.purgeAll();
  await streams.deleteAll();
  await isBack(stack, 'dispatcher', dispatcher.pid);

  await agent.untilConfirmed(EVENTS, LIMIT_MS);
  await assertNothingLost(scenario, t, LIMIT_MS);
});

interface Streams extends AsyncDisposable {
  purgeAll(): Promise<void>;
  deleteAll(): Promise<void>;
}

/** Every stream of ours, with the rights of a service. */
async function openStreams(stack: TestStack): Promise<Streams> {
  const creds = readFileSync(join(stack.dataDir, 'nats', 'services.creds'));
  const connection = await connect({
    servers: stack.endpoints.nats,
    authenticator: credsAuthenticator(creds),
  });
  const { streams }: JetStreamManager = await jetstreamManager(connection);
  const names = streamDefinitions.map(({ name }) => name);
  return {
    purgeAll: async () => void (await Promise.all(names.map((name) => streams.purge(name)))),
    deleteAll: async () => void (await Promise.all(names.map((name) => streams.delete(name)))),
    [Symbol.asyncDispose]: () => connection.close(),
  };
}
