import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { eventually } from '@hookline/testing';
import { type Container, rootProcesses } from './containers.ts';
import type { ComposeStack } from './stack.ts';
import { allArrived, readReceived, startTraffic } from './traffic.ts';

export interface Scenario {
  readonly stack: ComposeStack;
  /** The machine's address that the ports are published on. */
  readonly address: string;
}

/** What a step found, or why this machine cannot try it. What is not as it should be is thrown. */
export type Outcome =
  | { readonly kind: 'ok'; readonly finding: string }
  | { readonly kind: 'left out'; readonly finding: string };

const ok = (finding: string): Outcome => ({ kind: 'ok', finding });
const leftOut = (finding: string): Outcome => ({ kind: 'left out', finding });

/** Where an event is at a time: all that it can be taken from. */
const KILLED_ALONE = ['dispatcher', 'producer-gateway', 'nats', 'postgres'] as const;
const CORE = [
  ...KILLED_ALONE,
  ...['subscription-service', 'dead-letter-monitor', 'console'],
] as readonly string[];

/** No process of any container is root's. */
export async function nobodyIsRoot({ stack }: Scenario): Promise<Outcome> {
  const running = (await stack.containers()).filter(({ isRunning }) => isRunning);
  for (const container of running) {
    const commands = await rootProcesses(stack.engine, container);
    assert.deepEqual(commands, [], `${container.service} has processes of root`);
  }
  return ok(`none of ${running.length} containers runs anything as root`);
}

/** An event comes out as a webhook with a good signature, and a request without one is refused. */
export async function oneWebhookIsVerified(scenario: Scenario): Promise<Outcome> {
  const receiver = receiverOf(scenario);
  const { refused } = await readReceived(receiver);
  const traffic = await startTraffic(await scenario.stack.endpoints());
  const ids = await traffic.stop();
  assert.ok(ids.length > 0);
  await allArrived(receiver, ids);
  const forged = await fetch(`${receiver}webhooks`, { method: 'POST', body: '{}' });
  assert.ok(forged.status >= 400, `a request without a signature was answered ${forged.status}`);
  assert.equal((await readReceived(receiver)).refused, refused + 1);
  return ok('an event came out as a webhook that verifies; one that is not signed was refused');
}

/**
 * `docker kill`, one container after the other, while events are published. To Docker this is a stop by
 * hand, so that its restart policy does not apply: `docker compose up` brings the container back.
 */
export async function killedOneByOne(scenario: Scenario): Promise<Outcome> {
  const { stack } = scenario;
  const traffic = await startTraffic(await stack.endpoints());
  for (const service of KILLED_ALONE) {
    const { id } = await stack.container(service);
    await stack.engine.docker(['kill', id]);
    assert.equal((await stack.container(service)).isRunning, false, service);
    await stack.up();
  }
  const ids = await traffic.stop();
  await allArrived(receiverOf(scenario), ids);
  return ok(
    `${KILLED_ALONE.join(', ')} killed with docker kill and back; all of ${ids.length} events arrived`,
  );
}

/** The main process of every container of the core ends at once, as by a crash: Docker starts them again. */
export async function crashedTogether(scenario: Scenario): Promise<Outcome> {
  const { stack } = scenario;
  const before = (await stack.containers()).filter(({ service }) => CORE.includes(service));
  assert.equal(before.length, CORE.length);
  if (process.getuid?.() !== 0 || !before.every(isOfThisMachine)) {
    return leftOut(
      'a crash of the whole core: only root of the machine of the engine can cause it',
    );
  }
  const traffic = await startTraffic(await stack.endpoints());
  for (const { pid } of before) process.kill(pid, 'SIGKILL');
  await eventually(
    async () => {
      const now = new Map((await stack.containers()).map((one) => [one.id, one]));
      for (const { id, service, restarts } of before) {
        assert.ok((now.get(id)?.restarts ?? 0) > restarts, `${service} was not started again`);
      }
    },
    { timeoutMs: 60_000, intervalMs: 500 },
  );
  await stack.healthy();
  const ids = await traffic.stop();
  await allArrived(receiverOf(scenario), ids);
  return ok(
    `all ${CORE.length} of the core crashed at once and came back; all of ${ids.length} events arrived`,
  );
}

/** An engine may be elsewhere, where the number of a process means another one than here. */
function isOfThisMachine({ id, pid }: Container): boolean {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(id);
  } catch {
    return false;
  }
}

/** Prometheus, where its image is there, reads all five services. */
export async function prometheusReads({ stack, address }: Scenario): Promise<Outcome> {
  const services = (await stack.containers()).map(({ service }) => service);
  if (!services.includes('prometheus')) return leftOut('there is no image of Prometheus');
  const query = `http://${address}:9090/api/v1/query?query=sum(up)`;
  await eventually(
    async () => {
      const response = await fetch(query, { signal: AbortSignal.timeout(10_000) });
      const { data } = (await response.json()) as {
        data: { result: { value: [number, string] }[] };
      };
      assert.equal(data.result[0]?.value[1], '5');
    },
    { timeoutMs: 90_000, intervalMs: 1_000 },
  );
  return ok('Prometheus reads the metrics of all five services');
}

function receiverOf({ address }: Scenario): string {
  return `http://${address}:9000/`;
}
