import {
  CreateSubscriptionRequest,
  RetryPreset,
  SubscriptionServiceService,
} from '@hookline/contracts';
import type { Endpoints } from '@hookline/local-stack';
import { createGrpcClient } from '@hookline/service-runtime';
import pg from 'pg';
import { comeBack, removeWaiting } from './coming-back.ts';
import type { Flow } from './flow.ts';
import { startHelper } from './helper-process.ts';
import type { SinkAnswer, SinkCommand, SinkReport } from './messages.ts';
import { median, percentile } from './statistics.ts';
import { measureThroughput } from './throughput.ts';

/** How well everybody else fares beside some endpoints, and how well where all are alike. */
export interface Isolation {
  readonly title: string;
  readonly p99Ms: number;
  readonly besideP99Ms: number;
  readonly ratio: number;
}

export interface BesideOptions {
  readonly endpoints: Endpoints;
  readonly flow: Flow;
  readonly seconds: number;
  readonly rounds: number;
}

const ENDPOINTS = 100;
const BAD = 10;
/** Of a hanging request; several of them fit into one measurement. */
const TIMEOUT_SECONDS = 2;
const WARM_UP_MS = 3_000;
const DRAIN_TIMEOUT_MS = 120_000;

interface Scenario {
  readonly title: string;
  readonly bad: SinkAnswer;
  /** Types in the order in which events of them are published. */
  readonly types: readonly string[];
  /** Deliveries wait for the first endpoint when it begins. */
  readonly comesBack?: true;
}

const all = Array.from({ length: ENDPOINTS }, (_, index) => `bench.endpoint_${index}`);
const even: Scenario = { title: 'all well', bad: 204, types: all };
const SCENARIOS: readonly Scenario[] = [
  { title: `${BAD} of ${ENDPOINTS} endpoints hang`, bad: 'never', types: all },
  { title: `${BAD} of ${ENDPOINTS} answer 500`, bad: 500, types: all },
  // The first endpoint is one of those whose latency is not looked at.
  {
    title: 'one endpoint gets 90 %',
    bad: 204,
    types: all.slice(BAD).flatMap((type) => [...Array<string>(9).fill(all[0] as string), type]),
  },
  { title: 'one comes back to 200,000', bad: 204, types: all, comesBack: true },
];

/**
 * The p99 of ninety endpoints while ten are bad, or one gets nearly all, at half of the maximum rate;
 * beside it that of the same ninety, right before, while all is well.
 */
export async function measureIsolation(options: BesideOptions): Promise<Isolation[]> {
  const { flow, endpoints, seconds, rounds } = options;
  await using bad = startHelper<SinkCommand, SinkReport>('sink.ts');
  const { port } = await bad.next('listening');
  await subscribeAll(endpoints, { good: flow.sinkUrl, bad: `http://127.0.0.1:${port}/webhooks` });
  const maximum = await measureThroughput(flow, { fanOut: 1, seconds, window: 500 });
  const perSecond = maximum.deliveriesPerSecond / 2;
  const pool = new pg.Pool({ connectionString: endpoints.postgres, max: 1 });
  const p99Of = async (scenario: Scenario) => {
    bad.send({ kind: 'answer', how: scenario.bad });
    if (scenario.comesBack) await comeBack(pool);
    const p99Ms = await measureScenario(flow, scenario, { perSecond, seconds });
    bad.send({ kind: 'answer', how: 204 });
    if (scenario.comesBack) console.log(`${await removeWaiting(pool)} of the waiting ones came`);
    await untilNothingWaits(flow, pool);
    return p99Ms;
  };
  try {
    const results: Isolation[] = [];
    for (const scenario of SCENARIOS) {
      const pairs: { p99Ms: number; besideP99Ms: number }[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const besideP99Ms = await p99Of(even);
        const p99Ms = await p99Of(scenario);
        pairs.push({ besideP99Ms, p99Ms });
        console.log(
          `${scenario.title}, at ${Math.round(perSecond)} /s: p99 ${p99Ms.toFixed(1)} ms, all well ${besideP99Ms.toFixed(1)} ms`,
        );
      }
      results.push({
        title: scenario.title,
        p99Ms: median(pairs.map((pair) => pair.p99Ms)),
        besideP99Ms: median(pairs.map((pair) => pair.besideP99Ms)),
        ratio: median(pairs.map((pair) => pair.p99Ms / pair.besideP99Ms)),
      });
    }
    return results;
  } finally {
    await pool.end();
  }
}

async function measureScenario(
  flow: Flow,
  { types }: Scenario,
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<number> {
  flow.agent.send({ kind: 'pace', types, perSecond });
  await flow.wait(WARM_UP_MS);
  flow.sink.send({ kind: 'record', latencies: true });
  await flow.wait(seconds * 1000);
  const { latenciesUs } = await flow.snapshot();
  flow.sink.send({ kind: 'record', latencies: false });
  const stopped = flow.agent.next('stopped');
  flow.agent.send({ kind: 'stop' });
  const { refused } = await stopped;
  if (refused > 0) throw new Error(`JetStream refused ${refused} events`);
  const least = (perSecond * seconds) / 20;
  if (latenciesUs.length < least) {
    throw new Error(`only ${latenciesUs.length} webhooks came to the good endpoints`);
  }
  return percentile(latenciesUs, 0.99) / 1000;
}

/** Until everything accepted is settled and nothing waits: the next measurement begins afresh. */
export async function untilNothingWaits(flow: Flow, pool: pg.Pool): Promise<void> {
  const deadline = performance.now() + DRAIN_TIMEOUT_MS;
  for (;;) {
    const { rows } = await pool.query<{ waits: boolean }>(
      `SELECT EXISTS (SELECT FROM hookline.outbox) OR EXISTS (SELECT FROM hookline.schedule) AS waits`,
    );
    if (rows[0]?.waits === false) return;
    if (performance.now() > deadline) {
      throw new Error(`deliveries still wait after ${DRAIN_TIMEOUT_MS / 1000} s`);
    }
    await flow.wait(200);
  }
}

async function subscribeAll(
  endpoints: Endpoints,
  urls: { readonly good: string; readonly bad: string },
): Promise<void> {
  const client = createGrpcClient(SubscriptionServiceService, {
    address: endpoints.grpc.subscriptions,
  });
  for (const [index, type] of all.entries()) {
    await client.createSubscription(
      CreateSubscriptionRequest.fromPartial({
        subscription: {
          url: `${index < BAD ? urls.bad : urls.good}/${index}`,
          filter: { types: [type] },
          timeout: { seconds: TIMEOUT_SECONDS },
          // One attempt each, and no one is disabled for that.
          retryPolicy: { preset: RetryPreset.RETRY_PRESET_NONE, disable: false },
        },
      }),
      { apiKey: endpoints.apiKey },
    );
  }
  client.close();
}
