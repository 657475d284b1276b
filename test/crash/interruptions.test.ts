import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { streamDefinitions } from '@hookline/contracts';
import { eventually } from '@hookline/testing';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { connect, credsAuthenticator } from '@nats-io/transport-node';
import type { TestStack } from '../support/stack.ts';
import { type Readiness, type ServiceName, untilReadinessIs } from './health.ts';
import {
  assertNothingLost,
  freeze,
  isBack,
  kill,
  type Scenario,
  seconds,
  startScenario,
} from './scenario.ts';

const EVENTS = 1_600;
/** Published up to each kill and past it. */
const PART = EVENTS / 4;
/** A dead gateway's lease of INGEST runs out after 15 s, and so does a dead dispatcher's hold on a message. */
const TAKEOVER_MAX_MS = 40_000;
/** Published while streams are wiped. */
const WIPED = 1_000;

let scenario: Scenario;
before(async () => {
  scenario = await startScenario({ events: 0 });
});
after(() => scenario?.[Symbol.asyncDispose]());

test('P1 P2 P3: the gateway, the dispatcher, Postgres and NATS are killed in the middle of 1,600 confirmed events, and all arrive', async (t) => {
  const { stack, receiver, pool, agent } = scenario;
  agent.publishUpTo(PART);

  await agent.untilConfirmed(PART * 0.5, TAKEOVER_MAX_MS);
  const gateway = await kill(stack, 'producer-gateway');
  const afterGateway = await agent.untilConfirmed(agent.published() + 1, TAKEOVER_MAX_MS);
  t.diagnostic(
    `confirmations went on ${seconds(afterGateway - gateway.at)} after the gateway's end`,
  );

  agent.publishUpTo(PART * 2);
  await agent.untilConfirmed(PART * 1.5, TAKEOVER_MAX_MS);
  const dispatcher = await kill(stack, 'dispatcher');
  const seen = receiver.received();
  await isBack(stack, 'dispatcher', dispatcher.pid);
  await eventually(() => assert.ok(receiver.received() > seen), { timeoutMs: TAKEOVER_MAX_MS });
  t.diagnostic(
    `deliveries went on ${seconds(performance.now() - dispatcher.at)} after the dispatcher's end`,
  );

  agent.publishUpTo(PART * 3);
  await agent.untilConfirmed(PART * 2.5, TAKEOVER_MAX_MS);
  const postgres = await kill(stack, 'postgres');
  const [afterPostgres] = await Promise.all([
    agent.untilConfirmed(agent.published() + 1, TAKEOVER_MAX_MS),
    isBack(stack, 'postgres', postgres.pid),
  ]);
  t.diagnostic(
    `confirmations went on ${seconds(afterPostgres - postgres.at)} after that of Postgres`,
  );

  agent.publishUpTo(EVENTS);
  await agent.untilConfirmed(PART * 3.5, TAKEOVER_MAX_MS);
  const nats = await kill(stack, 'nats');
  const confirmedBeforeNats = new Set([...agent.confirmed.values()].flatMap((ids) => [...ids]));
  const afterNats = await agent.untilConfirmed(agent.published() + 1, TAKEOVER_MAX_MS);
  t.diagnostic(`confirmations went on ${seconds(afterNats - nats.at)} after the end of NATS`);

  await agent.untilConfirmed(EVENTS, TAKEOVER_MAX_MS);
  await assertNothingLost(scenario, t, TAKEOVER_MAX_MS);

  // INGEST kept what the agent had published while the gateway was dead, and its repeats came later.
  const { rows } = await pool.query<{ event_id: string; subject: string; index: number }>(
    `SELECT event_id, subject, (data::json ->> 'index')::int AS index FROM hookline.event_log
     WHERE kind = 'server' ORDER BY position`,
  );
  const kept = rows.filter((row) => confirmedBeforeNats.has(row.event_id));
  for (const [server, events] of Map.groupBy(kept, (row) => row.subject)) {
    const published = events.map((event) => event.index);
    assert.deepEqual(
      published,
      published.toSorted((a, b) => a - b),
      `${server} is in order (P7)`,
    );
  }

  const repeats = agent.repeats();
  for (let index = 0; index < 50; index += 1) agent.publishAgain(index);
  await eventually(() => assert.equal(agent.repeats(), repeats + 50), { timeoutMs: 10_000 });
  await assertNothingLost(scenario, t, 10_000);
});

test('P1: every stream is purged and then deleted in the middle of 1,000 confirmed events, and all arrive', async (t) => {
  const { stack, agent } = scenario;
  const earlier = agent.confirmed.size;
  agent.publishUpTo(earlier + WIPED);
  await using streams = await openStreams(stack);

  await agent.untilConfirmed(earlier + WIPED * 0.25, TAKEOVER_MAX_MS);
  await streams.purgeAll();
  const purgedAt = performance.now();
  const afterPurge = await agent.untilConfirmed(agent.published() + 1, TAKEOVER_MAX_MS);
  t.diagnostic(`confirmations went on ${seconds(afterPurge - purgedAt)} after the purge`);

  await agent.untilConfirmed(earlier + WIPED * 0.5, TAKEOVER_MAX_MS);
  await streams.deleteAll();
  const deletedAt = performance.now();
  const afterDeletion = await agent.untilConfirmed(agent.published() + 1, TAKEOVER_MAX_MS);
  t.diagnostic(`confirmations went on ${seconds(afterDeletion - deletedAt)} after the deletion`);

  // Without a dispatcher, what is confirmed meanwhile is in EVENTS and in the outbox, and nowhere else.
  await agent.untilConfirmed(earlier + WIPED * 0.75, TAKEOVER_MAX_MS);
  const dispatcher = await kill(stack, 'dispatcher');
  await agent.untilConfirmed(agent.published() + 50, TAKEOVER_MAX_MS);
  await streams.purgeAll();
  await streams.deleteAll();
  await isBack(stack, 'dispatcher', dispatcher.pid);

  await agent.untilConfirmed(earlier + WIPED, TAKEOVER_MAX_MS);
  await assertNothingLost(scenario, t, TAKEOVER_MAX_MS);
});

test('each service is ready while what it needs answers: not while NATS or Postgres is frozen, and again when it goes on', async (t) => {
  const { stack } = scenario;
  const until = async (expected: Readonly<Record<ServiceName, Readiness>>) =>
    seconds(await untilReadinessIs(stack.endpoints, expected));
  const ready = {
    'producer-gateway': 'ready',
    'subscription-service': 'ready',
    dispatcher: 'ready',
    'dead-letter-monitor': 'ready',
    console: 'ready',
  } as const;
  await until(ready);
  {
    await using _frozen = await freeze(stack, 'nats');
    const lost = ['nats'];
    const took = await until({
      ...ready,
      ...{ 'producer-gateway': lost, dispatcher: lost, 'dead-letter-monitor': lost },
    });
    t.diagnostic(`known ${took} after NATS froze`);
  }
  t.diagnostic(`ready again ${await until(ready)} after NATS went on`);
  {
    await using _frozen = await freeze(stack, 'postgres');
    const lost = ['postgres'];
    const took = await until({
      ...{ 'producer-gateway': lost, 'subscription-service': lost, 'dead-letter-monitor': lost },
      dispatcher: ['index', 'postgres'],
      console: 'ready',
    });
    t.diagnostic(`known ${took} after Postgres froze`);
  }
  t.diagnostic(`ready again ${await until(ready)} after Postgres went on`);
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
