import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessName } from '@hookline/local-stack';
import { eventually, type Receiver, startReceiver } from '@hookline/testing';
import pg from 'pg';
import { startTestStack, type TestStack } from '../support/stack.ts';
import {
  allArrive,
  type Evidence,
  everyAttemptOnRecord,
  logIsExact,
  nothingLeft,
  oneIdEach,
  openRecord,
} from './evidence.ts';
import { type SpoolingAgent, startSpoolingAgent } from './spooling-agent.ts';

/** A stack, a receiver with a webhook of its own, and an agent in the middle of publishing. */
export interface Scenario extends AsyncDisposable {
  readonly stack: TestStack;
  readonly receiver: Receiver;
  readonly pool: pg.Pool;
  readonly agent: SpoolingAgent;
}

/** So that there are always requests under way when something is killed. */
const ANSWER_AFTER_MS = 100;

/**
 * Starts all of it. What was published but never reached a dispatcher is looked for after 2 s here
 * instead of 30, and only by that is a crash test quicker than a crash.
 */
export async function startScenario({ events }: { readonly events: number }): Promise<Scenario> {
  await using owned = new AsyncDisposableStack();
  const stack = owned.use(await startTestStack({ HOOKLINE_SWEEP_AFTER_MS: '2000' }));
  const receiver = owned.adopt(
    await startReceiver({ respond: () => delay(ANSWER_AFTER_MS, 200) }),
    (one) => one.stop(),
  );
  const pool = owned.adopt(openRecord(stack.endpoints.postgres), (one) => one.end());
  const connection = owned.adopt(await stack.connectAgent(), (one) => one.close());
  await stack.createWebhook({ url: receiver.url, events: ['server.*'], format: 'standard' });
  const agent = owned.adopt(
    startSpoolingAgent(connection, { events, inboxPrefix: stack.endpoints.natsInboxPrefix }),
    (one) => one.stop(),
  );
  const all = owned.move();
  return { stack, receiver, pool, agent, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** Ends a process as a power switch would. Returns its id and when that was. */
export async function kill(
  stack: TestStack,
  name: ProcessName,
): Promise<{ readonly pid: number; readonly at: number }> {
  const pid = (await stack.current())?.pids[name];
  assert.ok(pid, `${name} runs`);
  process.kill(pid, 'SIGKILL');
  return { pid, at: performance.now() };
}

/**
 * Freezes NATS or Postgres, every process of it, until it is disposed: connections stay open, and
 * nothing answers any more.
 */
export async function freeze(
  stack: TestStack,
  name: 'nats' | 'postgres',
): Promise<AsyncDisposable> {
  const pid = (await stack.current())?.pids[name];
  assert.ok(pid, `${name} runs`);
  await using owned = new AsyncDisposableStack();
  const stop = (one: number) => {
    process.kill(one, 'SIGSTOP');
    owned.defer(() => void process.kill(one, 'SIGCONT'));
  };
  if (name === 'nats') {
    stop(pid);
  } else {
    const client = new pg.Client(stack.endpoints.postgres);
    await client.connect();
    owned.defer(() => client.end());
    // It first: then there are no more of its children than those that one of them names.
    stop(pid);
    const { rows } = await client.query<{ pid: number }>('SELECT pid FROM pg_stat_activity');
    for (const child of rows) stop(child.pid);
  }
  return owned.move();
}

/** Resolves when another process has taken the place of a killed one. */
export async function isBack(stack: TestStack, name: ProcessName, killed: number): Promise<void> {
  await eventually(
    async () => {
      const pid = (await stack.current())?.pids[name];
      assert.ok(pid && pid !== killed, `${name} is started again`);
    },
    { timeoutMs: 30_000, intervalMs: 50 },
  );
}

/** Everything that must hold once the dust has settled, whatever happened before. */
export async function assertNothingLost(
  { receiver, pool, agent }: Scenario,
  t: TestContext,
  timeoutMs: number,
): Promise<void> {
  const evidence: Evidence = {
    pool,
    confirmed: agent.confirmed,
    requests: receiver.requests,
    timeoutMs,
  };
  const startedAt = performance.now();
  const arrivedAt = await allArrive(evidence);
  await nothingLeft(evidence);
  await logIsExact(evidence);
  const repeats = oneIdEach(receiver.requests);
  const unknown = await everyAttemptOnRecord(evidence);
  t.diagnostic(
    `all ${agent.confirmed.size} arrived ${seconds(arrivedAt - startedAt)} after the last confirmation; ` +
      `${repeats} requests were repeats, ${unknown} attempts are unknown, ${agent.repeats()} confirmations came again`,
  );
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
