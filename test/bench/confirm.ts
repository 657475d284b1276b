import { unlessInterrupted } from '../demo/interruption.ts';
import { type Flow, TYPES } from './flow.ts';
import type { AgentReport } from './messages.ts';
import { percentile } from './statistics.ts';
import { stopAndDrain } from './throughput.ts';

/** From an agent's publish to the confirmation that its event is committed. */
export interface ConfirmLatency {
  readonly eventsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export const CONFIRMED_PER_SECOND = 1_000;
const WARM_UP_MS = 1_000;
const CONFIRM_TIMEOUT_MS = 10_000;

/**
 * Confirmations while 1,000 events a second are published evenly and each is delivered as well.
 * Throws when one is rejected, or never confirmed.
 */
export async function measureConfirmations(flow: Flow, seconds: number): Promise<ConfirmLatency> {
  const { received: before } = await flow.snapshot();
  const perSecond = CONFIRMED_PER_SECOND;
  flow.agent.send({ kind: 'pace', types: [TYPES[1]], perSecond, confirm: true });
  await flow.wait(WARM_UP_MS);
  await collect(flow);
  await flow.wait(seconds * 1000);
  const { latenciesUs, rejected } = await collect(flow);
  await stopAndDrain(flow, { fanOut: 1, before });
  const rest = await collectAll(flow);
  if (rejected + rest.rejected > 0) {
    throw new Error(`${rejected + rest.rejected} events were rejected instead of confirmed`);
  }
  return {
    eventsPerSecond: latenciesUs.length / seconds,
    p50Ms: percentile(latenciesUs, 0.5) / 1000,
    p99Ms: percentile(latenciesUs, 0.99) / 1000,
  };
}

type Confirmed = Extract<AgentReport, { kind: 'confirmed' }>;

async function collect(flow: Flow): Promise<Confirmed> {
  const answer = flow.agent.next('confirmed');
  flow.agent.send({ kind: 'confirmed' });
  return await unlessInterrupted(answer, flow.signal);
}

/** Waits for the confirmations that are still on their way. */
async function collectAll(flow: Flow): Promise<{ readonly rejected: number }> {
  const deadline = performance.now() + CONFIRM_TIMEOUT_MS;
  let rejected = 0;
  for (;;) {
    const answer = await collect(flow);
    rejected += answer.rejected;
    if (answer.awaited === 0) return { rejected };
    if (performance.now() > deadline) {
      throw new Error(`${answer.awaited} events were never confirmed`);
    }
    await flow.wait(20);
  }
}
