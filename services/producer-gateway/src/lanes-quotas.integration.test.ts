import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { IngestServiceService, NewEvent, readRetryAfterMs } from '@hookline/contracts';
import { createGrpcClient } from '@hookline/service-runtime';
import { eventually } from '@hookline/testing';
import { startTestbed } from './test-gateway.ts';

const PATIENT = { timeoutMs: 20_000 };

describe('lanes and quotas of tenants', () => {
  let bed: Awaited<ReturnType<typeof startTestbed>>;
  before(async () => {
    bed = await startTestbed();
  });
  after(() => bed.stop());

  const countOf = async (tenant: string) =>
    (await bed.events()).filter((row) => row.tenant === tenant).length;
  /** Publishes without waiting for answers, then waits until JetStream holds everything. */
  const flood = async (
    agent: Awaited<ReturnType<typeof bed.agent>>,
    subject: string,
    n: number,
  ) => {
    for (let i = 0; i < n; i += 1) agent.connection.publish(subject, `{"id":"s","n":${i}}`);
    await agent.connection.flush();
  };

  test('P4 a tenant with a deep backlog gets its share, and holds up nobody else', async () => {
    await using stopping = new AsyncDisposableStack();
    const deep = await bed.agent('default', 'node-1');
    const other = await bed.agent('other', 'node-1');
    await (await bed.gateway()).stop();
    await flood(deep, 'hv.default.node-1.server.noted', 6_000);
    await flood(other, 'hv.other.node-1.server.noted', 500);
    const gateway = await bed.gateway();
    stopping.defer(() => gateway.stop());
    const rows = await eventually(async () => {
      const found = await bed.events();
      assert.equal(found.length, 6_500);
      return found;
    }, PATIENT);
    const lastOfOther = rows.findLastIndex(({ tenant }) => tenant === 'other');
    assert.ok(lastOfOther < 3_000, `the last of the other tenant is number ${lastOfOther}`);
    const numbers = rows.filter(({ tenant }) => tenant === 'default').map(({ data }) => data);
    assert.deepEqual(
      numbers,
      Array.from({ length: 6_000 }, (_, n) => `{"id":"s","n":${n}}`),
    );
  });

  test('a tenant over its quota waits in INGEST, is refused over HTTP and gRPC with a time, and others go on', async () => {
    await using stopping = new AsyncDisposableStack();
    await bed.tenant('slow', 2);
    const slow = await bed.agent('slow', 'node-1');
    const other = await bed.agent('other', 'node-1');
    const gateway = await bed.gateway();
    stopping.defer(() => gateway.stop());
    const key = await bed.apiKey('publisher', 'slow');
    const before = await countOf('other');
    await flood(slow, 'hv.slow.node-1.server.noted', 60);
    await flood(other, 'hv.other.node-1.server.noted', 60);
    await eventually(async () => assert.equal(await countOf('other'), before + 60), PATIENT);
    assert.ok((await countOf('slow')) < 20, 'most of the slow tenant waits');

    const answer = await fetch(`http://127.0.0.1:${gateway.ports.http}/ingest/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: '{"type":"server.noted","data":{}}',
    });
    assert.equal(answer.status, 429);
    assert.ok(Number(answer.headers.get('retry-after')) >= 1);
    assert.match(await answer.text(), /quota of 2 events a second/);
    const address = `127.0.0.1:${gateway.ports.grpc}`;
    const client = createGrpcClient(IngestServiceService, { address });
    stopping.defer(() => client.close());
    const event = NewEvent.fromPartial({ source: '/a', id: '1', type: 'server.noted', data: '{}' });
    await assert.rejects(client.publishEvent({ event }, { apiKey: key }), (error) => {
      assert.match(String(error), /RESOURCE_EXHAUSTED/);
      assert.ok((readRetryAfterMs(error) ?? 0) > 0);
      return true;
    });

    await bed.tenant('slow', 10_000);
    await eventually(async () => assert.equal(await countOf('slow'), 60), PATIENT);
  });

  test('messages of no tenant are kept as rejected and answered; a tenant made later is read', async () => {
    await using stopping = new AsyncDisposableStack();
    const nobody = await bed.agent('nobody', 'node-1');
    const late = await bed.agent('late', 'node-1');
    const gateway = await bed.gateway();
    stopping.defer(() => gateway.stop());
    await nobody.publish('server.noted', '{}', { 'Nats-Msg-Id': 'n1' });
    await eventually(() => {
      assert.equal(nobody.answers[0]?.rejected?.code, 'unknown_tenant');
    }, PATIENT);
    bed.services.publish('hv.stray', '{}');
    bed.services.publish('hv.No Tenant.x.y'.replace(' ', '_'), '{}');
    await eventually(async () => {
      const kept = await bed.rejected();
      assert.deepEqual(kept.map(({ code, subject }) => `${code} ${subject}`).sort(), [
        'invalid_subject hv.No_Tenant.x.y',
        'invalid_subject hv.stray',
        'unknown_tenant hv.nobody.node-1.server.noted',
      ]);
    }, PATIENT);
    await bed.tenant('late');
    await late.publish('server.noted', '{}', { 'Nats-Msg-Id': 'l1' });
    await eventually(() => assert.ok(late.answers[0]?.event_id), PATIENT);
    await bed.pool.query(
      "UPDATE hookline.tenant SET deleted_at = now(), updated_at = now() WHERE name = 'late'",
    );
    await eventually(async () => {
      await late.publish('server.noted', '{}');
      assert.ok(late.answers.some(({ rejected }) => rejected?.code === 'unknown_tenant'));
    }, PATIENT);
  });
});
