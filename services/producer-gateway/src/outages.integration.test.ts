import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Client, credentials } from '@grpc/grpc-js';
import { IngestServiceService, NewEvent, readRetryAfterMs } from '@hookline/contracts';
import { createGrpcClient } from '@hookline/service-runtime';
import { eventually } from '@hookline/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { startTestbed } from './test-gateway.ts';

const PATIENT = { timeoutMs: 20_000 };
const SERVING = 1;
const NOT_SERVING = 2;

describe('what is away or full', () => {
  let bed: Awaited<ReturnType<typeof startTestbed>>;
  let key: string;
  let owned = new AsyncDisposableStack();
  before(async () => {
    bed = await startTestbed({ sweepAfterMs: 500 });
    key = await bed.apiKey('publisher');
  });
  afterEach(async () => {
    await owned.disposeAsync();
    owned = new AsyncDisposableStack();
  });
  after(() => bed.stop());

  const start = async () => {
    const gateway = await bed.gateway();
    owned.defer(() => gateway.stop());
    const client = createGrpcClient(IngestServiceService, {
      address: `127.0.0.1:${gateway.ports.grpc}`,
    });
    owned.defer(() => client.close());
    const post = (id: string) =>
      fetch(`http://127.0.0.1:${gateway.ports.http}/ingest/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: `{"type":"server.noted","data":{"id":"over-http"},"id":"${id}"}`,
      });
    const publish = (...ids: string[]) =>
      client.publishEvents({ events: ids.map(eventOf) }, { apiKey: key });
    return { gateway, post, publish };
  };
  const eventOf = (id: string) =>
    NewEvent.fromPartial({
      source: '/panel',
      id,
      type: 'server.noted',
      data: '{"id":"over-grpc"}',
    });
  const idsOf = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, n) => `${prefix}-${n}`);

  /** What `/readyz` says now: `ready`, or the checks that fail. */
  const readinessOf = async (port: number): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`);
    const { not_ready: failing } = (await response.json()) as { not_ready?: object };
    assert.equal(response.status, failing === undefined ? 200 : 503);
    return failing === undefined ? 'ready' : Object.keys(failing).join();
  };
  /** What `grpc.health.v1` says: an enum as the only field of its answer; 1 is SERVING, 2 NOT_SERVING. */
  const healthOf = (port: number): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
      const bytes = (value: Buffer): Buffer => value;
      const path = '/grpc.health.v1.Health/Check';
      client.makeUnaryRequest(path, bytes, bytes, Buffer.alloc(0), (error, answer) => {
        client.close();
        if (error === null) resolve(answer?.[1]);
        else reject(error);
      });
    });

  test('readiness is lost within 5 s of Postgres or NATS, also over gRPC, and comes back by itself', async () => {
    const { gateway } = await start();
    const { ports } = gateway;
    const soon = { timeoutMs: 5_000 };
    await eventually(async () => assert.equal(await readinessOf(ports.health), 'ready'), PATIENT);
    await bed.proxy.cut();
    await eventually(async () => assert.equal(await readinessOf(ports.health), 'postgres'), soon);
    await eventually(async () => assert.equal(await healthOf(ports.grpc), NOT_SERVING), soon);
    await bed.proxy.restore();
    await eventually(async () => assert.equal(await readinessOf(ports.health), 'ready'), PATIENT);
    await bed.nats.kill9();
    await eventually(async () => assert.equal(await readinessOf(ports.health), 'nats'), soon);
    await bed.nats.restart();
    await eventually(async () => assert.equal(await readinessOf(ports.health), 'ready'), PATIENT);
    await eventually(async () => assert.equal(await healthOf(ports.grpc), SERVING), PATIENT);
  });

  test('P1 Postgres away: gRPC answers UNAVAILABLE with RetryInfo, and the same call is accepted later', async () => {
    const { publish } = await start();
    await publish('known');
    await bed.proxy.cut();
    await assert.rejects(publish('away'), (error) => {
      assert.match(String(error), /UNAVAILABLE/);
      assert.ok((readRetryAfterMs(error) ?? 0) > 0);
      return true;
    });
    await bed.proxy.restore();
    const { results } = await eventually(() => publish('away'), PATIENT);
    assert.equal(results[0]?.result?.$case, 'accepted');
  });

  test('P1 NATS away: HTTP and gRPC go on, and what they accepted is handed on when it is back', async () => {
    const { post, publish } = await start();
    await bed.nats.kill9();
    assert.equal((await post('no-nats')).status, 202);
    const { results } = await publish('no-nats-1', 'no-nats-2');
    assert.deepEqual(
      results.map(({ result }) => result?.$case),
      ['accepted', 'accepted'],
    );
    await bed.nats.restart();
    const taken = await eventually(() => bed.takeEvents(5), PATIENT);
    const accepted = new Set((await bed.events()).map(({ event_id }) => event_id));
    assert.deepEqual(new Set(taken.map(({ event }) => event.event.id)), accepted);
  });

  test('P1 a full INGEST refuses publishes, which the agent sees; what it holds is accepted, and then the rest', async () => {
    const agent = await bed.agent('default', 'node-1');
    const manager = await jetstreamManager(bed.services, { checkAPI: false });
    await manager.streams.update('INGEST', { max_bytes: 64 * 1024 });
    const subject = 'hv.default.node-1.server.noted';
    // Of one size: a server of 2.9 takes a message that is too large by some bytes, and drops another.
    const body = (n: number) =>
      `{"id":"full","n":${n},"pad":"${'x'.repeat(1_000 - `${n}`.length)}"}`;
    let stored = 0;
    let code: number | undefined;
    while (code === undefined) {
      const reply = await agent.connection.request(subject, body(stored));
      code = reply.json<{ error?: { err_code: number } }>().error?.err_code;
      if (code === undefined) stored += 1;
    }
    assert.equal(code, 10077);
    assert.ok(stored > 50, `${stored} fit`);
    await start();
    await eventually(async () => {
      const reply = await agent.connection.request(subject, body(stored));
      assert.equal(reply.json<{ error?: unknown }>().error, undefined);
    }, PATIENT);
    const numbers = await eventually(async () => {
      const rows = (await bed.events()).filter((row) => row.subject === 'full');
      assert.equal(rows.length, stored + 1);
      return rows.map(({ data }) => JSON.parse(data).n);
    }, PATIENT);
    assert.deepEqual(
      numbers,
      Array.from({ length: stored + 1 }, (_, n) => n),
    );
  });

  test('P1 a full queue: HTTP answers 429 and gRPC RESOURCE_EXHAUSTED, each with a time; what waits is accepted', async () => {
    const { post, publish } = await start();
    const client = await bed.pool.connect();
    await client.query('BEGIN');
    await client.query('LOCK TABLE hookline.event_log IN EXCLUSIVE MODE');
    const calls = Array.from({ length: 14 }, (_, n) => publish(...idsOf(`full-${n}`, 500)));
    const settled = Promise.allSettled(calls);
    await assert.rejects(Promise.any(calls.map(flip)).then(rethrow), (error) => {
      assert.match(String(error), /RESOURCE_EXHAUSTED/);
      assert.ok((readRetryAfterMs(error) ?? 0) > 0);
      return true;
    });
    const refused = await post('one-more');
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.headers.get('retry-after')) >= 1);
    await client.query('ROLLBACK');
    client.release();
    const kept = (await settled).filter(({ status }) => status === 'fulfilled');
    assert.ok(kept.length >= 10 && kept.length < 14, `${kept.length} calls were accepted`);
    const rows = (await bed.events()).filter((row) => row.subject === 'over-grpc');
    const full = rows.length - 3;
    assert.ok(full >= kept.length * 500, `${full} rows`);
    assert.equal((await post('one-more')).status, 202);
  });
});

/** Resolves with what a call fails with, to find the first failure of many. */
async function flip(call: Promise<unknown>): Promise<unknown> {
  return await call.then(
    () => Promise.reject(new Error('it was accepted')),
    (error: unknown) => error,
  );
}

function rethrow(error: unknown): never {
  throw error;
}
