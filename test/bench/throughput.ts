import { unlessInterrupted } from '../demo/interruption.ts';
import { type FanOut, type Flow, TYPES } from './flow.ts';
import { microsecondsEach, type ProcessorTimes, processorTimes } from './processor-time.ts';

export interface Throughput {
  readonly deliveriesPerSecond: number;
  /** Microseconds of processor time for one delivery, by process. */
  readonly processorUs: ProcessorTimes;
}

/** Before it is measured the flow runs this long: batches grow to their size, code is compiled. */
const WARM_UP_MS = 1_500;
const DRAIN_TIMEOUT_MS = 60_000;

export interface ThroughputOptions {
  readonly fanOut: FanOut;
  readonly seconds: number;
  /** Events published and not delivered yet, at most. */
  readonly window: number;
}

/**
 * Deliveries per second while agents always have something to publish, over a time in the middle;
 * then waits until all is delivered. Throws when an event was refused or a delivery is missing.
 */
export async function measureThroughput(
  flow: Flow,
  { fanOut, seconds, window }: ThroughputOptions,
): Promise<Throughput> {
  const before = await flow.snapshot();
  const forget = flow.sink.on('progress', ({ received }) => {
    const events = Math.floor((received - before.received) / fanOut);
    flow.agent.send({ kind: 'delivered', events });
  });
  try {
    flow.agent.send({ kind: 'flood', types: [TYPES[fanOut]], window });
    await flow.wait(WARM_UP_MS);
    const [first, firstTimes] = [await flow.snapshot(), processorTimes(flow.processes)];
    await flow.wait(seconds * 1000);
    const [last, lastTimes] = [await flow.snapshot(), processorTimes(flow.processes)];
    await stopAndDrain(flow, { fanOut, before: before.received });
    const count = last.received - first.received;
    return {
      deliveriesPerSecond: (count * 1000) / (last.atMs - first.atMs),
      processorUs: microsecondsEach(firstTimes, lastTimes, count),
    };
  } finally {
    forget();
  }
}

/** Ends publishing and waits until every event has reached everyone it is for. */
export async function stopAndDrain(
  flow: Flow,
  { fanOut, before }: { readonly fanOut: FanOut; readonly before: number },
): Promise<void> {
  const stopped = flow.agent.next('stopped');
  flow.agent.send({ kind: 'stop' });
  const { published, refused } = await unlessInterrupted(stopped, flow.signal);
  if (refused > 0) throw new Error(`JetStream refused ${refused} of ${published} events`);
  const wanted = published * fanOut;
  const deadline = performance.now() + DRAIN_TIMEOUT_MS;
  for (;;) {
    const delivered = (await flow.snapshot()).received - before;
    if (delivered >= wanted) return;
    if (performance.now() > deadline) {
      throw new Error(
        `${wanted - delivered} of ${wanted} deliveries are missing after ${DRAIN_TIMEOUT_MS / 1000} s`,
      );
    }
    await flow.wait(20);
  }
}
