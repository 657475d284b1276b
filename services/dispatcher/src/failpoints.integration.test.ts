import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { deliveryId } from '@hookline/contracts';
import { listAttemptsOfDelivery } from '@hookline/event-log';
import {
  eventually,
  findFreePortOffset,
  type ReceivedRequest,
  startReceiver,
} from '@hookline/testing';
import { startTestDispatchers, type TestDispatchers } from './test-dispatcher.ts';
import { failpointName } from './test-failpoints.ts';

let world: TestDispatchers;
before(async () => {
  world = await startTestDispatchers();
});
after(async () => {
  await world[Symbol.asyncDispose]();
});

const SCRIPT = fileURLToPath(new URL('test-failpoint-process.ts', import.meta.url));
/** A dispatcher is dead after 15 s, a message comes again after 15 s; and machines are slow. */
const TAKEN_OVER_WITHIN_MS = 90_000;
/** From the start of a process to its death in its gap. */
const DEAD_WITHIN_MS = 60_000;

/** In which the dispatcher dies: a gap, and the attempt within which it is. */
const DEATHS = [
  failpointName('received', 1),
  failpointName('sending', 1),
  // The receiver kills it: the request is there and has no answer.
  'gap.sent.attempt1',
  failpointName('answered', 1),
  failpointName('recorded', 1),
  failpointName('committed', 1),
  failpointName('acknowledged', 1),
  failpointName('sending', 2),
  failpointName('answered', 2),
  failpointName('committed', 2),
];

interface Mortal {
  readonly child: ChildProcess;
  /** Where it died, by its own last words. */
  readonly died: Promise<string>;
}

async function startMortal(name: string): Promise<Mortal> {
  const offset = await findFreePortOffset();
  const child = spawn(process.execPath, [SCRIPT], {
    env: {
      ...process.env,
      ...world.env,
      FAILPOINT: name,
      HOOKLINE_LOG_LEVEL: 'error',
      HOOKLINE_PORT_OFFSET: String(offset),
      NODE_TEST_CONTEXT: undefined,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // One that misses its gap would live on after the test.
  const missed = setTimeout(() => child.kill('SIGTERM'), DEAD_WITHIN_MS);
  let words = '';
  child.stdout.on('data', (chunk) => {
    words += chunk;
  });
  const died = once(child, 'close').then(([code, signal]) => {
    clearTimeout(missed);
    assert.equal(signal, 'SIGKILL', `it met no failpoint, or could not start: exit code ${code}`);
    return words.trim();
  });
  died.catch(() => {});
  return { child, died };
}

const attemptOf = ({ headers }: ReceivedRequest) => Number(headers['hookline-attempt']);

test('P1, P2, P3: a dispatcher killed in each gap of a delivery loses nothing, and every request is explained', async (t) => {
  let mortal: Mortal | undefined;
  const killedByReceiver: string[] = [];
  const receiver = await startReceiver({
    respond: (request) => {
      const name = request.path.slice(1);
      const attempt = attemptOf(request);
      if (attempt === 1 && name.endsWith('attempt2')) return 500;
      if (name === `gap.sent.attempt${attempt}` && !killedByReceiver.includes(name)) {
        killedByReceiver.push(name);
        mortal?.child.kill('SIGKILL');
        return { kind: 'hang' };
      }
      return 200;
    },
  });
  t.after(() => receiver.stop());
  const deliveries = new Map<string, string>();
  for (const type of DEATHS) {
    mortal = await startMortal(type);
    const { subscriptionId } = await world.subscribe({
      url: `http://127.0.0.1:${receiver.port}/${type}`,
      type,
      timeoutMs: 30_000,
      retryPolicy: { delaysMs: [100, 100, 100], jitter: 0 },
    });
    const { event } = await world.publish(type);
    deliveries.set(type, deliveryId(event.id, subscriptionId));
    assert.equal((await mortal.died) || killedByReceiver.at(-1), type);
  }
  await world.startDispatcher();

  for (const [type, delivery] of deliveries) {
    const rows = await eventually(
      async () => {
        const attempts = await listAttemptsOfDelivery(world.database.kysely, {
          tenant: 'default',
          deliveryId: delivery,
        });
        assert.equal(attempts.at(-1)?.outcome, 'succeeded', `${type} is not delivered yet`);
        return attempts;
      },
      { timeoutMs: TAKEN_OVER_WITHIN_MS, intervalMs: 100 },
    );
    const requests = receiver.requests.filter(({ path }) => path === `/${type}`);
    t.diagnostic(
      `${type}: requests ${requests.map(attemptOf)}; on record ${rows.map(({ number, outcome }) => `${number} ${outcome}`)}`,
    );
    assert.ok(
      requests.every(({ headers }) => headers['webhook-id'] === delivery),
      'P2: one id',
    );
    const recorded = new Set(rows.map(({ number }) => number));
    assert.equal(recorded.size, rows.length, 'P3: an attempt is on record once');
    const seen = requests.map(attemptOf);
    assert.equal(new Set(seen).size, seen.length, 'no number is used for two requests');
    assert.deepEqual(
      seen.filter((number) => !recorded.has(number)),
      [],
      'P3: explained',
    );
    for (const { number, outcome } of rows) {
      if (outcome !== 'unknown') assert.ok(seen.includes(number), `${outcome} and never received`);
    }
  }
  const { rows } = await world.database.pool.query(
    'SELECT FROM hookline.outbox UNION ALL SELECT FROM hookline.schedule',
  );
  assert.equal(rows.length, 0, 'nothing is left to do');
});
