import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@hookline/testing';
import { connectAgentOf, startTestStack } from '../support/stack.ts';
import { killReader, pauseReader, startFurtherGateway } from './gateways.ts';
import { createOrderedAgent, sourceIdOf } from './ordered-agent.ts';

const AGENTS = 4;
const SERVERS_PER_AGENT = 50;
const EVENTS_PER_SERVER = 50;
const EVENTS = AGENTS * SERVERS_PER_AGENT * EVENTS_PER_SERVER;
/** The moments of the kill and the pause follow from it; another seed is another test. */
const SEED = Number(process.env.HOOKLINE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
const LIMIT_MS = 40_000;

test(`P1 P7: ${EVENTS} events of 200 servers keep their order and are numbered without a gap, though the reading gateway is killed and the next one paused`, async (t) => {
  const random = randomFrom(SEED);
  const killAfter = Math.floor(EVENTS * (0.1 + 0.3 * random()));
  const pauseAfter = Math.floor(EVENTS * (0.5 + 0.3 * random()));
  t.diagnostic(`HOOKLINE_TEST_SEED=${SEED}: kill after ${killAfter}, pause after ${pauseAfter}`);
  await using owned = new AsyncDisposableStack();
  const stack = owned.use(await startTestStack());
  for (const gateway of await Promise.all([
    startFurtherGateway(stack),
    startFurtherGateway(stack),
  ])) {
    owned.use(gateway);
  }
  const agents = await Promise.all(
    Array.from({ length: AGENTS }, async (_, index) => {
      const host = `order-${index}`;
      const connection = await connectAgentOf(stack, { tenant: 'default', host });
      owned.defer(() => connection.close());
      const servers = Array.from({ length: SERVERS_PER_AGENT }, (_, n) => `srv_${index}_${n}`);
      return createOrderedAgent({ connection, host, servers, eventsPerServer: EVENTS_PER_SERVER });
    }),
  );
  const confirmed = () => agents.reduce((sum, agent) => sum + agent.confirmed.size, 0);
  const untilConfirmed = (count: number) =>
    eventually(() => assert.ok(confirmed() >= count, `${confirmed()} confirmed`), {
      timeoutMs: LIMIT_MS,
      intervalMs: 5,
    });

  const startedAt = performance.now();
  const running = Promise.all(agents.map((agent) => agent.run(AbortSignal.timeout(LIMIT_MS))));
  const interrupting = (async () => {
    await untilConfirmed(killAfter);
    t.diagnostic(`taken over ${Math.round(await killReader(stack))} ms after the kill`);
    await untilConfirmed(pauseAfter);
    const before = confirmed();
    await pauseReader(stack, () => untilConfirmed(Math.min(before + EVENTS * 0.05, EVENTS)));
  })();
  await Promise.all([running, interrupting]);
  const tookMs = performance.now() - startedAt;
  const republished = agents.reduce((sum, agent) => sum + agent.republished(), 0);
  t.diagnostic(
    `${EVENTS} events confirmed in ${(tookMs / 1000).toFixed(1)} s, ${republished} published again`,
  );

  const { rows } = await stack.query(
    `SELECT subject, array_agg(version::int ORDER BY position) AS sequences,
       array_agg((data::json ->> 'n')::int ORDER BY position) AS numbers,
       array_agg(event_id ORDER BY position) AS ids
     FROM hookline.event_log WHERE kind = 'server' GROUP BY subject`,
  );
  assert.equal(rows.length, AGENTS * SERVERS_PER_AGENT);
  const idsOf = new Map(agents.flatMap((agent) => [...agent.confirmed]));
  const published = Array.from({ length: EVENTS_PER_SERVER }, (_, n) => n);
  for (const row of rows as unknown as ServerRow[]) {
    const { subject, sequences, numbers, ids } = row;
    assert.deepEqual(numbers, published, `${subject} is in publishing order`);
    assert.deepEqual(
      sequences,
      published.map((n) => n + 1),
      `${subject} is numbered without a gap`,
    );
    for (const [n, id] of ids.entries()) {
      assert.deepEqual([...(idsOf.get(sourceIdOf(subject, n)) ?? [])], [id], `${subject} ${n}`);
    }
  }
});

interface ServerRow {
  readonly subject: string;
  readonly sequences: readonly number[];
  readonly numbers: readonly number[];
  readonly ids: readonly string[];
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
