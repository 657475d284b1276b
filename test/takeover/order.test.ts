import { test } from 'node:test';
import { runOrderScenario } from './order-scenario.ts';

const SEED = Number(process.env.HOOKLINE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));

// `npx pnpm soak:takeover` does the same with 40,000 events, as often as it is told.
test('P1 P7: 5,000 events of 200 servers keep their order and are numbered without a gap, though reading gateways are killed and paused, twice each', async (t) => {
  t.diagnostic(`HOOKLINE_TEST_SEED=${SEED}`);
  await runOrderScenario({
    serversPerAgent: 50,
    eventsPerServer: 25,
    kills: 2,
    pauses: 2,
    seed: SEED,
    limitMs: 60_000,
    report: (line) => t.diagnostic(line),
  });
});
