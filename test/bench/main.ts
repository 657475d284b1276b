/**
 * The benchmark: Hookline on a stack of its own, agents and a sink in processes of their own. See
 * docs/benchmark.md for what is measured and how to read it.
 */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Interrupted, listenForInterruption } from '../demo/interruption.ts';
import { startOwnStack } from '../demo/stack.ts';
import { measureAppends } from './append.ts';
import { measureAttempts } from './attempts.ts';
import { measureBacklog } from './backlog.ts';
import { type ConfirmLatency, measureConfirmations } from './confirm.ts';
import { type FanOut, type Flow, openFlow } from './flow.ts';
import { measureIsolation } from './isolation.ts';
import { type Latency, measureLatency } from './latency.ts';
import { describeMachine } from './machine.ts';
import { type BenchOptions, HELP, readOptions } from './options.ts';
import { measureRawLoop } from './raw.ts';
import { measureReading } from './read.ts';
import { type BenchResults, type Round, rateOf } from './results.ts';
import { measureSubscriptions } from './subscriptions.ts';
import { resultTable } from './table.ts';
import { measureThroughput } from './throughput.ts';
import { measureTracing } from './tracing.ts';

const RESULTS_FILE = resolve(import.meta.dirname, '..', '..', 'bench-results.json');

/** Events under way at most; what one endpoint may hold in the dispatcher's memory stays above. */
const WINDOWS: Readonly<Record<FanOut, number>> = { 1: 500, 10: 200 };

/** As many as P9 speaks of. */
const SUBSCRIPTIONS = 100_000;

/** Longer than the appends last. */
const SWEEP_NEVER_MS = 60 * 60 * 1000;

process.exitCode = await main();

async function main(): Promise<number> {
  let options: BenchOptions | undefined;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  if (options === undefined) {
    console.log(HELP);
    return 0;
  }
  using interruption = listenForInterruption(() => process.exit(130));
  try {
    const results = await runAll(options, interruption.signal);
    await writeFile(RESULTS_FILE, `${JSON.stringify(results, undefined, 2)}\n`);
    console.log(`\nwritten to ${RESULTS_FILE}\n\n${resultTable(results)}`);
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) {
      console.error('\nthe benchmark was interrupted; what it started is stopped');
      return 130;
    }
    console.error(`the benchmark failed: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

async function runAll(options: BenchOptions, signal: AbortSignal): Promise<BenchResults> {
  const startedAt = new Date().toISOString();
  const measured = await measureFlow(options, signal);
  const log = await measureLog(options, signal);
  const subscriptions = await subscriptionFigures(options, signal);
  const { isolation, backlog } = await besides(options, signal);
  const tracing = options.parts.has('tracing')
    ? await measureTracing({ ...options, signal, env: serviceEnvironment(options) })
    : [];
  return {
    ...{ startedAt, seconds: options.seconds, ...measured, ...log, isolation, backlog, tracing },
    ...(subscriptions !== undefined && { subscriptions }),
  };
}

/** What goes through the whole of Hookline. */
async function measureFlow(options: BenchOptions, signal: AbortSignal) {
  await using stack = await startOwnStack({ signal, env: serviceEnvironment(options) });
  await using flow = await openFlow(stack.endpoints, signal);
  const machine = await describeMachine(stack.endpoints.postgres, flow.natsVersion);
  const { platform, processors, processorModel, node, postgres, nats, fsync } = machine;
  console.log(
    `${platform}, ${processors} × ${processorModel}; Node ${node}, PostgreSQL ${postgres} (fsync ${fsync}), NATS ${nats}`,
  );
  const rounds = await measureRounds(flow, options);
  const latency = await measureLatencies(flow, options, rounds);
  const confirm = await measureConfirmed(flow, options);
  return { machine, rounds, latency, confirm };
}

function serviceEnvironment({ profileDir }: BenchOptions): Record<string, string> {
  // A line for every attempt is the work of whoever reads them, and not what is measured.
  const env = { HOOKLINE_LOG_LEVEL: process.env.HOOKLINE_LOG_LEVEL ?? 'warn' };
  if (profileDir === undefined) return env;
  return { ...env, NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profileDir}` };
}

/** Every round measures each once, the raw loop between the other two. */
async function measureRounds(flow: Flow, options: BenchOptions): Promise<Round[]> {
  const { parts, seconds } = options;
  const throughput = (fanOut: FanOut) =>
    measureThroughput(flow, { fanOut, seconds, window: WINDOWS[fanOut] });
  const rounds: Round[] = [];
  const needsRate = parts.has('fan-out-1') || parts.has('latency');
  if (!needsRate && !parts.has('raw') && !parts.has('fan-out-10')) return [];
  for (let number = 1; number <= options.rounds; number += 1) {
    const fanOut1 = needsRate ? await throughput(1) : undefined;
    const rawPerSecond = parts.has('raw') ? await measureRawLoop(flow, seconds) : undefined;
    const fanOut10 = parts.has('fan-out-10') ? await throughput(10) : undefined;
    const round: Round = {
      ...(rawPerSecond !== undefined && { rawPerSecond }),
      ...(fanOut1 !== undefined && { fanOut1 }),
      ...(fanOut10 !== undefined && { fanOut10 }),
    };
    rounds.push(round);
    console.log(`round ${number} of ${options.rounds}: ${roundText(round)}`);
  }
  return rounds;
}

function roundText({ rawPerSecond, fanOut1, fanOut10 }: Round): string {
  const figures = [
    ['raw loop', rawPerSecond],
    ['fan-out 1', fanOut1?.deliveriesPerSecond],
    ['fan-out 10', fanOut10?.deliveriesPerSecond],
  ] as const;
  return figures
    .flatMap(([name, rate]) => (rate === undefined ? [] : [`${name} ${Math.round(rate)} /s`]))
    .join(', ');
}

/** At half of the rate that the rounds have found. */
async function measureLatencies(
  flow: Flow,
  { parts, seconds, rounds }: BenchOptions,
  measured: readonly Round[],
): Promise<Latency[]> {
  const maximum = rateOf(measured, 'fanOut1');
  if (!parts.has('latency') || maximum === undefined) return [];
  const latencies: Latency[] = [];
  for (let number = 1; number <= rounds; number += 1) {
    latencies.push(await measureLatency(flow, { perSecond: maximum / 2, seconds }));
    const { p50Ms, p99Ms } = latencies.at(-1) as Latency;
    console.log(
      `latency ${number} of ${rounds}: p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`,
    );
  }
  return latencies;
}

async function measureConfirmed(flow: Flow, { parts, seconds, rounds }: BenchOptions) {
  const measured: ConfirmLatency[] = [];
  if (!parts.has('confirm')) return measured;
  for (let number = 1; number <= rounds; number += 1) {
    const { p50Ms, p99Ms, eventsPerSecond } = await measureConfirmations(flow, seconds);
    measured.push({ eventsPerSecond, p50Ms, p99Ms });
    console.log(
      `confirmed ${number} of ${rounds}: p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`,
    );
  }
  return measured;
}

/** What a bad endpoint, and what waits, does to everybody else; on a fresh stack. */
async function besides({ parts, ...options }: BenchOptions, signal: AbortSignal) {
  const wanted = [parts.has('isolation'), parts.has('backlog')] as const;
  if (!wanted.includes(true)) return { isolation: [], backlog: [] };
  const env = serviceEnvironment({ parts, ...options });
  await using stack = await startOwnStack({ signal, env });
  await using flow = await openFlow(stack.endpoints, signal);
  const { seconds, rounds } = options;
  const measure = { endpoints: stack.endpoints, flow, seconds, rounds };
  const isolation = wanted[0] ? await measureIsolation(measure) : [];
  const backlog = wanted[1] ? await measureBacklog(measure) : [];
  return { isolation, backlog };
}

/** What the log takes and gives, on a stack that has nothing else to do. */
async function measureLog(options: BenchOptions, signal: AbortSignal) {
  const { parts, rounds, seconds, eventsToRead } = options;
  if (!parts.has('append') && !parts.has('attempts') && !parts.has('read')) {
    return { append: [], attempts: [] };
  }
  // A fresh log, and no service that takes up what is appended.
  const env = { ...serviceEnvironment(options), HOOKLINE_SWEEP_AFTER_MS: String(SWEEP_NEVER_MS) };
  await using stack = await startOwnStack({ signal, env });
  const { postgres: postgresUrl } = stack.endpoints;
  const write = { postgresUrl, secondsEach: seconds / 4, rounds, signal };
  const append = parts.has('append') ? await measureAppends(write) : [];
  const attempts = parts.has('attempts') ? await measureAttempts(write) : [];
  if (!parts.has('read')) return { append, attempts };
  return { append, attempts, read: await measureReading({ ...write, eventsMin: eventsToRead }) };
}

async function subscriptionFigures(options: BenchOptions, signal: AbortSignal) {
  if (!options.parts.has('subscriptions')) return undefined;
  await using stack = await startOwnStack({ signal, env: serviceEnvironment(options) });
  const { postgres: postgresUrl, grpc, apiKey } = stack.endpoints;
  const address = grpc.subscriptions;
  return await measureSubscriptions({
    ...{ postgresUrl, address, apiKey, signal },
    count: SUBSCRIPTIONS,
  });
}
