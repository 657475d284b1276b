/**
 * 40,000 events of 200 servers while reading gateways are killed and paused, round after round, each
 * with another seed: `npx pnpm soak:takeover [rounds] [first seed]`, by default three rounds. Ends
 * with 1 at the first event that is lost, doubled, out of order or numbered with a gap.
 */
import { startTestStack } from '../support/stack.ts';
import { runOrderScenario } from '../takeover/order-scenario.ts';

const rounds = Number(process.argv[2] ?? 3);
const firstSeed = Number(process.argv[3] ?? Math.floor(Math.random() * 2 ** 31));

for (let round = 0; round < rounds; round += 1) {
  const seed = firstSeed + round;
  console.log(`round ${round + 1} of ${rounds}, seed ${seed}`);
  await using stack = await startTestStack();
  await runOrderScenario(stack, {
    serversPerAgent: 50,
    eventsPerServer: 200,
    kills: 2,
    pauses: 2,
    seed,
    limitMs: 180_000,
    report: (line) => console.log(`  ${line}`),
  });
  console.log('  every server in order, without a gap');
}
