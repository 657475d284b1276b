import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { eventually } from '@hookline/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { startTestbed } from './test-gateway.ts';

const PATIENT = { timeoutMs: 20_000 };

describe('recovery', () => {
  let bed: Awaited<ReturnType<typeof startTestbed>>;
  let agent: Awaited<ReturnType<typeof bed.agent>>;
  let gateways: Awaited<ReturnType<typeof bed.gateway>>[] = [];
  before(async () => {
    bed = await startTestbed({ sweepAfterMs: 500 });
    agent = await bed.agent('default', 'node-1');
  });
  afterEach(async () => {
    for (const gateway of gateways) await gateway.stop();
    gateways = [];
  });
  after(() => bed.stop());

  const start = async () => {
    const gateway = await bed.gateway();
    gateways.push(gateway);
    return gateway;
  };
  const eventsOf = async (server: string) =>
    (await bed.events()).filter(({ subject }) => subject === server);
  /** Publishes numbered events one after the other, each again until JetStream has it. */
  const publish = async (server: string, numbers: readonly number[]) => {
    for (const n of numbers) {
      const send = () =>
        agent.publish('server.noted', `{"id":"${server}","n":${n}}`, {
          'Nats-Msg-Id': `${server} ${n}`,
        });
      await eventually(send, PATIENT);
    }
  };
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);
  const assertInOrder = async (server: string, count: number) => {
    const rows = await eventually(async () => {
      const found = await eventsOf(server);
      assert.equal(found.length, count);
      return found;
    }, PATIENT);
    assert.deepEqual(
      rows.map(({ sequence }) => Number(sequence)),
      range(1, count + 1),
    );
    assert.deepEqual(
      rows.map(({ data }) => JSON.parse(data).n),
      range(0, count),
    );
  };

  test('P1 P7 kill -9 of NATS in the middle loses and reorders nothing, and all is confirmed', async () => {
    await start();
    await publish('killed', range(0, 50));
    const publishing = publish('killed', range(50, 100));
    await bed.nats.kill9();
    await bed.nats.restart();
    await publishing;
    await assertInOrder('killed', 100);
    await eventually(() => {
      const confirmed = new Set(agent.answers.map(({ source_id }) => source_id));
      for (const n of range(60, 100)) assert.ok(confirmed.has(`killed ${n}`), `${n} is confirmed`);
    }, PATIENT);
    await bed.takeEvents(100);
  });

  test('P1 EVENTS deleted after the commit: the sweeper hands on what was in it, marked', async () => {
    await start();
    const manager = await jetstreamManager(bed.services, { checkAPI: false });
    await publish('wiped', range(0, 20));
    await assertInOrder('wiped', 20);
    await manager.streams.delete('EVENTS');
    await publish('wiped', range(20, 40));
    await assertInOrder('wiped', 40);
    await eventually(() => manager.streams.info('EVENTS'), PATIENT);
    const taken = await bed.takeEvents(40);
    assert.ok(
      taken.some(({ swept }) => swept),
      'what was lost came again, marked',
    );
  });

  test('P7 a second gateway stands by, and takes over in order when the first goes', async () => {
    const first = await start();
    await eventually(() => assert.ok(first.isReading()));
    const second = await start();
    assert.equal(second.isReading(), false);
    const publishing = publish('taken', range(0, 300));
    await eventually(async () => assert.ok((await eventsOf('taken')).length > 50), PATIENT);
    await first.stop();
    await publishing;
    await assertInOrder('taken', 300);
    assert.equal(second.isReading(), true);
  });

  test('P7 a gateway whose lease was taken appends nothing more, and all arrives in order', async () => {
    const first = await start();
    await eventually(() => assert.ok(first.isReading()));
    const publishing = publish('fenced', range(0, 200));
    await bed.pool.query(
      "UPDATE hookline.lease SET holder = 'thief', epoch = epoch + 1, expires_at = now() + interval '1 second'",
    );
    await eventually(() => assert.equal(first.isReading(), false), PATIENT);
    await eventually(() => assert.equal(first.isReading(), true), PATIENT);
    await publishing;
    await assertInOrder('fenced', 200);
  });

  test('P1 P7 Postgres away: HTTP says 503 and when to retry, NATS waits, then all is appended in order', async () => {
    const gateway = await start();
    const key = await bed.apiKey('publisher');
    const post = () =>
      fetch(`http://127.0.0.1:${gateway.ports.http}/ingest/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: '{"type":"server.noted","data":{"id":"over-http"},"id":"h1"}',
      });
    assert.equal((await post()).status, 202);
    await publish('outage', range(0, 20));
    await bed.proxy.cut();
    await publish('outage', range(20, 60));
    const refused = await post();
    assert.equal(refused.status, 503);
    assert.ok(Number(refused.headers.get('retry-after')) >= 1);
    await bed.proxy.restore();
    await assertInOrder('outage', 60);
    assert.equal((await post()).status, 202);
    assert.equal((await eventsOf('over-http')).length, 1);
  });
});
