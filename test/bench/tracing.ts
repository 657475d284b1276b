import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startOwnStack } from '../demo/stack.ts';
import { openFlow } from './flow.ts';
import { median } from './statistics.ts';
import { measureThroughput, type Throughput } from './throughput.ts';

/** Delivered at fan-out 1 with tracing of 5 %, beside the same without. */
export interface TracingRate {
  readonly title: string;
  readonly perSecond: number;
  readonly besidePerSecond: number;
  /** The median of the ratios, each of two measurements right after each other. */
  readonly ratio: number;
  /** Processor time of gateway and dispatcher for one delivery, without divided by with. */
  readonly processorRatio: number;
}

export interface TracingOptions {
  readonly signal: AbortSignal;
  readonly seconds: number;
  readonly rounds: number;
  readonly env: Readonly<Record<string, string>>;
}

const WINDOW = 500;
/** Two fresh stacks differ by an eighth until their code is compiled, whichever of them traces. */
const WARM_UP_SECONDS = 10;
const RATIO = '0.05';

/** A collector that takes everything and looks at nothing: what it costs is not Hookline's. */
async function startIndifferentCollector() {
  let bytes = 0;
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on('end', () => response.writeHead(200).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received: () => bytes,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Two stacks side by side, one with tracing and one without, measured by turns, each the first every
 * other time: the one that is not measured has nothing to do.
 */
export async function measureTracing(options: TracingOptions): Promise<TracingRate[]> {
  const { signal, seconds, rounds, env } = options;
  await using collector = await startIndifferentCollector();
  const traced = {
    ...env,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: RATIO,
  };
  await using tracedStack = await startOwnStack({ signal, env: traced });
  await using plainStack = await startOwnStack({ signal, env });
  await using tracedFlow = await openFlow(tracedStack.endpoints, signal);
  await using plainFlow = await openFlow(plainStack.endpoints, signal);
  const measure = (flow: typeof plainFlow, lasting = seconds): Promise<Throughput> =>
    measureThroughput(flow, { fanOut: 1, seconds: lasting, window: WINDOW });
  for (const flow of [tracedFlow, plainFlow]) await measure(flow, WARM_UP_SECONDS);
  const pairs: { readonly on: Throughput; readonly off: Throughput }[] = [];
  for (let number = 1; number <= rounds; number += 1) {
    const first = number % 2 === 1 ? await measure(plainFlow) : undefined;
    const on = await measure(tracedFlow);
    const off = first ?? (await measure(plainFlow));
    pairs.push({ on, off });
    console.log(`tracing ${number} of ${rounds}: ${textOf(on)} with, ${textOf(off)} without`);
  }
  if (collector.received() === 0) throw new Error('no span reached the collector');
  return [
    {
      title: `${Number(RATIO) * 100} % traced`,
      perSecond: median(pairs.map(({ on }) => on.deliveriesPerSecond)),
      besidePerSecond: median(pairs.map(({ off }) => off.deliveriesPerSecond)),
      ratio: median(pairs.map(({ on, off }) => on.deliveriesPerSecond / off.deliveriesPerSecond)),
      processorRatio: median(pairs.map(({ on, off }) => processorOf(off) / processorOf(on))),
    },
  ];
}

function textOf(measured: Throughput): string {
  const { deliveriesPerSecond: rate } = measured;
  return `${Math.round(rate)} /s at ${Math.round(processorOf(measured))} µs`;
}

/** Of the two processes that make spans of events; steadier than a rate on a machine that is shared. */
function processorOf({ processorUs }: Throughput): number {
  return (processorUs['producer-gateway'] ?? 0) + (processorUs.dispatcher ?? 0);
}
