import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type Endpoints,
  envToConfig,
  findFreePortOffset,
  type LocalStackConfig,
  startLocalStack,
} from '@hookline/local-stack';
import { eventually, freePort, tempDir } from '@hookline/testing';
import {
  allArrive,
  type Evidence,
  everyAttemptOnRecord,
  logIsExact,
  nothingLeft,
  oneIdEach,
  openRecord,
  type SeenRequest,
} from './evidence.ts';
import { serverOf, sourceIdOf } from './spooling-agent.ts';

const EVENTS = 200;
const LIMIT_MS = 40_000;

test('P1 P2 P3: what waits for a receiver that is down is delivered after the whole stack was stopped and started again', async (t) => {
  await using folder = await tempDir('restart');
  const config = await configIn(join(folder.path, 'data'));
  const port = await freePort();
  const confirmed = new Map<string, Set<string>>();
  {
    await using stack = await startLocalStack(config);
    await registerWebhook(stack.endpoints, `http://127.0.0.1:${port}/webhooks`);
    await publish(stack.endpoints, { from: 0, to: EVENTS / 2, confirmed });
    await untilAllWait(stack.endpoints, EVENTS / 2);
    // These have just come when the stack is told to stop.
    await publish(stack.endpoints, { from: EVENTS / 2, to: EVENTS, confirmed });
  }
  await using stack = await startLocalStack(config);
  const upAt = performance.now();
  await using receiver = await listenOn(port);
  await using owned = new AsyncDisposableStack();
  const pool = owned.adopt(openRecord(stack.endpoints.postgres), (one) => one.end());
  const { requests } = receiver;
  const evidence: Evidence = { pool, confirmed, requests, timeoutMs: LIMIT_MS };
  const arrivedAt = await allArrive(evidence);
  await nothingLeft(evidence);
  await logIsExact(evidence);
  const unknown = await everyAttemptOnRecord(evidence);
  assert.equal(oneIdEach(requests), 0, 'a stop that drains causes no repeats');
  assert.equal(unknown, 0, 'a stop that drains leaves nothing unknown');
  t.diagnostic(
    `all ${EVENTS} arrived ${((arrivedAt - upAt) / 1000).toFixed(1)} s after the stack was up again`,
  );
});

async function configIn(dataDir: string): Promise<LocalStackConfig> {
  return envToConfig({
    ...process.env,
    HOOKLINE_DATA_DIR: dataDir,
    HOOKLINE_PORT_OFFSET: String(await findFreePortOffset()),
    HOOKLINE_LOG_LEVEL: 'info',
  });
}

async function registerWebhook({ http, apiKey }: Endpoints, url: string): Promise<void> {
  const response = await fetch(`${http}/v1/webhooks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      url,
      events: ['server.*'],
      format: 'standard',
      retry: { delays_seconds: Array(30).fill(2), jitter: 0 },
    }),
  });
  assert.equal(response.status, 201, await response.text());
}

async function publish(
  { ingest, publisherKey }: Endpoints,
  range: { from: number; to: number; confirmed: Map<string, Set<string>> },
): Promise<void> {
  for (let index = range.from; index < range.to; index += 1) {
    const response = await fetch(`${ingest}/ingest/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${publisherKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        type: 'server.started',
        id: sourceIdOf(index),
        data: { server_id: serverOf(index) },
      }),
    });
    assert.equal(response.status, 202);
    const { ids } = (await response.json()) as { ids: string[] };
    range.confirmed.set(sourceIdOf(index), new Set(ids));
  }
}

async function untilAllWait({ postgres }: Endpoints, count: number): Promise<void> {
  await using owned = new AsyncDisposableStack();
  const pool = owned.adopt(openRecord(postgres), (one) => one.end());
  await eventually(
    async () => {
      const { rows } = await pool.query(
        // Some were tried and failed; the breaker that opened then holds the others back untried.
        'SELECT count(*)::int AS waiting FROM hookline.schedule',
      );
      assert.deepEqual(rows, [{ waiting: count }]);
    },
    { timeoutMs: LIMIT_MS, intervalMs: 100 },
  );
}

interface LateReceiver extends AsyncDisposable {
  readonly requests: readonly SeenRequest[];
}

/** A receiver on the port at which nobody answered before. */
async function listenOn(port: number): Promise<LateReceiver> {
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    requests.push({ headers: request.headers });
    request.resume().on('end', () => response.writeHead(200).end());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return {
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
