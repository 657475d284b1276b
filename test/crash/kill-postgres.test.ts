import { test } from 'node:test';
import { assertNothingLost, isBack, kill, seconds, startScenario } from './scenario.ts';

const EVENTS = 1_000;
const LIMIT_MS = 40_000;

test('P1 P2 P3: Postgres is killed in the middle of 1,000 confirmed events, and all arrive', async (t) => {
  await using scenario = await startScenario({ events: EVENTS });
  const { stack, agent } = scenario;

  await agent.untilConfirmed(EVENTS * 0.5, 20_000);
  const postgres = await kill(stack, 'postgres');
  const [confirmedAt] = await Promise.all([
    agent.untilConfirmed(agent.published() + 1, LIMIT_MS),
    isBack(stack, 'postgres', postgres.pid),
  ]);
  t.diagnostic(
    `confirmations went on ${seconds(confirmedAt - postgres.at)} after the end of Postgres`,
  );

  await agent.untilConfirmed(EVENTS, LIMIT_MS);
  await assertNothingLost(scenario, t, LIMIT_MS);
});
