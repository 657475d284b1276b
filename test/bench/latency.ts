import { type Flow, TYPES } from './flow.ts';
import { percentile } from './statistics.ts';
import { stopAndDrain } from './throughput.ts';

export interface Latency {
  readonly eventsPerSecond: number;
  /** From the agent's publish to the last byte of the request at the sink. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const WARM_UP_MS = 1_000;

/** Latency of single deliveries while events are published evenly at the given rate. */
export async function measureLatency(
  flow: Flow,
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<Latency> {
  const { received: before } = await flow.snapshot();
  flow.agent.send({ kind: 'pace', types: [TYPES[1]], perSecond });
  await flow.wait(WARM_UP_MS);
  flow.sink.send({ kind: 'record', latencies: true });
  await flow.wait(seconds * 1000);
  const { latenciesUs } = await flow.snapshot();
  flow.sink.send({ kind: 'record', latencies: false });
  await stopAndDrain(flow, { fanOut: 1, before });
  return {
    eventsPerSecond: latenciesUs.length / seconds,
    p50Ms: percentile(latenciesUs, 0.5) / 1000,
    p99Ms: percentile(latenciesUs, 0.99) / 1000,
  };
}
