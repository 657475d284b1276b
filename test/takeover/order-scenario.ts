import assert from 'node:assert/strict';
import { eventually } from '@hookline/testing';
import { connectAgentOf, type TestStack } from '../support/stack.ts';
import { killReader, pauseReader, startFurtherGateway } from './gateways.ts';
import { createOrderedAgent, type OrderedAgent, sourceIdOf, TYPE } from './ordered-agent.ts';

export interface OrderScenario {
  readonly serversPerAgent: number;
  readonly eventsPerServer: number;
  readonly kills: number;
  readonly pauses: number;
  /** The moments and the order of kills and pauses follow from it; another seed is another test. */
  readonly seed: number;
  /** All events must be confirmed within this time. */
  readonly limitMs: number;
  readonly report: (line: string) => void;
}

const AGENTS = 4;
/** Of the events, while a paused gateway sleeps on after another has taken over. */
const WHILE_PAUSED = 0.03;

/**
 * Four agents publish the events of their servers while gateways that read INGEST are killed and paused
 * at random moments, and then every server's events are in the log in publishing order, numbered
 * without a gap, each once, under the id that its agent was told. The stack has none of those events.
 */
export async function runOrderScenario(stack: TestStack, scenario: OrderScenario): Promise<void> {
  const { serversPerAgent, eventsPerServer, kills, pauses, seed, limitMs, report } = scenario;
  await using owned = new AsyncDisposableStack();
  // One for each takeover: who was taken over from once does not follow a dead holder at once again.
  const starting = Array.from({ length: kills + pauses }, () => startFurtherGateway(stack));
  for (const gateway of await Promise.all(starting)) owned.use(gateway);
  const agents = await Promise.all(
    Array.from({ length: AGENTS }, async (_, index) => {
      const host = `order-${index}`;
      const connection = await connectAgentOf(stack, { tenant: 'default', host });
      owned.defer(() => connection.close());
      const servers = Array.from({ length: serversPerAgent }, (_, n) => `srv_${index}_${n}`);
      return createOrderedAgent({ connection, host, servers, eventsPerServer });
    }),
  );

  const events = AGENTS * serversPerAgent * eventsPerServer;
  const startedAt = performance.now();
  const signal = AbortSignal.timeout(limitMs);
  await Promise.all([
    ...agents.map((agent) => agent.run(signal)),
    interrupt(stack, agents, { kills, pauses, seed, events, limitMs, report }),
  ]);
  const seconds = (performance.now() - startedAt) / 1000;
  const republished = agents.reduce((sum, agent) => sum + agent.republished(), 0);
  report(`${events} events confirmed in ${seconds.toFixed(1)} s, ${republished} published again`);
  await assertOrder(stack, agents, { servers: AGENTS * serversPerAgent, eventsPerServer });
}

interface Interruptions {
  readonly kills: number;
  readonly pauses: number;
  readonly seed: number;
  readonly events: number;
  readonly limitMs: number;
  readonly report: (line: string) => void;
}

/** Kills and pauses whichever gateway reads, at random moments spread over the run. */
async function interrupt(
  stack: TestStack,
  agents: readonly OrderedAgent[],
  { kills, pauses, seed, events, limitMs, report }: Interruptions,
): Promise<void> {
  const random = randomFrom(seed);
  const confirmed = () => agents.reduce((sum, agent) => sum + agent.confirmed.size, 0);
  const untilConfirmed = (count: number) =>
    eventually(
      () => assert.ok(confirmed() >= Math.min(count, events), `${confirmed()} confirmed`),
      { timeoutMs: limitMs, intervalMs: 5 },
    );
  const kinds = [...Array(kills).fill('kill'), ...Array(pauses).fill('pause')]
    .map((kind: 'kill' | 'pause') => ({ kind, rank: random() }))
    .sort((a, b) => a.rank - b.rank);
  const part = 0.8 / kinds.length;
  for (const [index, { kind }] of kinds.entries()) {
    const after = Math.floor(events * (0.05 + part * (index + 0.8 * random())));
    await untilConfirmed(after);
    const before = confirmed();
    const tookMs =
      kind === 'kill'
        ? await killReader(stack)
        : await pauseReader(stack, () => untilConfirmed(before + events * WHILE_PAUSED));
    report(`${kind} after ${before}, taken over in ${Math.round(tookMs)} ms`);
  }
}

async function assertOrder(
  stack: TestStack,
  agents: readonly OrderedAgent[],
  { servers, eventsPerServer }: { readonly servers: number; readonly eventsPerServer: number },
): Promise<void> {
  const { rows } = await stack.query(
    `SELECT subject, array_agg(version::int ORDER BY position) AS sequences,
       array_agg((data::json ->> 'n')::int ORDER BY position) AS numbers,
       array_agg(event_id ORDER BY position) AS ids
     FROM hookline.event_log WHERE type = $1 GROUP BY subject`,
    [TYPE],
  );
  assert.equal(rows.length, servers);
  const idsOf = new Map(agents.flatMap((agent) => [...agent.confirmed]));
  const published = Array.from({ length: eventsPerServer }, (_, n) => n);
  for (const { subject, sequences, numbers, ids } of rows as unknown as ServerRow[]) {
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
}

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
