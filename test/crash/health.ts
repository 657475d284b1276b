import assert from 'node:assert/strict';
import { type Endpoints, type ProcessName, stackPorts } from '@hookline/local-stack';
import { eventually } from '@hookline/testing';

export type ServiceName = Exclude<ProcessName, 'postgres' | 'nats'>;

/** `ready`, or the names of the checks that fail, in the order of the alphabet. */
export type Readiness = 'ready' | readonly string[];

/** Health knows within 5 s what was lost and what is back; on a machine that has other tests to run too, later. */
const HEALTH_MAX_MS = 15_000;

const HEALTH_PORTS = {
  'producer-gateway': 'producerGatewayHealth',
  'subscription-service': 'subscriptionServiceHealth',
  dispatcher: 'dispatcherHealth',
  'dead-letter-monitor': 'deadLetterMonitorHealth',
  console: 'consoleHealth',
} as const;

/**
 * Resolves, with how long it took, when `/readyz` of each service says what is expected of it, while
 * each `/healthz` is fine. Throws after 15 s.
 */
export async function untilReadinessIs(
  endpoints: Endpoints,
  expected: Readonly<Record<ServiceName, Readiness>>,
): Promise<number> {
  const startedAt = performance.now();
  const until = (name: ServiceName) =>
    eventually(
      async () => {
        const { alive, readiness } = await healthOf(endpoints, name);
        assert.deepEqual([name, alive, readiness], [name, 200, expected[name]]);
      },
      { timeoutMs: HEALTH_MAX_MS, intervalMs: 50 },
    );
  const names = Object.keys(expected) as ServiceName[];
  // What is ready is looked at when the others know of the loss: it has not missed it, it needs it not.
  await Promise.all(names.filter((name) => expected[name] !== 'ready').map(until));
  await Promise.all(names.filter((name) => expected[name] === 'ready').map(until));
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs < HEALTH_MAX_MS, `it took ${tookMs.toFixed()} ms`);
  return tookMs;
}

async function healthOf(
  { http }: Endpoints,
  name: ServiceName,
): Promise<{ readonly alive: number; readonly readiness: Readiness }> {
  const offset = Number(new URL(http).port) - stackPorts(0).console;
  const port = stackPorts(offset)[HEALTH_PORTS[name]];
  const get = (path: string) =>
    fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(HEALTH_MAX_MS) });
  const [alive, ready] = await Promise.all([get('/healthz'), get('/readyz')]);
  await alive.body?.cancel();
  const body = (await ready.json()) as { not_ready?: Record<string, string> };
  const readiness = ready.status === 200 ? 'ready' : Object.keys(body.not_ready ?? {}).sort();
  return { alive: alive.status, readiness };
}
