import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { GrpcStatus, IngestServiceService, NewEvent } from '@hookline/contracts';
import { createGrpcClient } from '@hookline/service-runtime';
import { startTestbed } from './test-gateway.ts';

interface Answer {
  readonly ids: readonly string[];
  readonly detail: string;
  readonly errors: readonly { readonly field: string }[];
}

describe('ingest over HTTP and gRPC', () => {
  let bed: Awaited<ReturnType<typeof startTestbed>>;
  let gateway: Awaited<ReturnType<typeof bed.gateway>>;
  let key: string;
  before(async () => {
    bed = await startTestbed();
    gateway = await bed.gateway();
    key = await bed.apiKey('publisher');
  });
  after(() => bed.stop());

  const post = async (body: string, given: { path?: string; authorization?: string } = {}) => {
    const { path = '/ingest/events', authorization = `Bearer ${key}` } = given;
    const response = await fetch(`http://127.0.0.1:${gateway.ports.http}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body,
    });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Answer,
    };
  };

  test('P1 an event is answered with its id after its commit, its data unchanged', async () => {
    const data = '{ "z": 1.50, "server": {"id": 42}, "a": [] }';
    const { status, body } = await post(`{"type":"server.started","data":${data},"phase":"pre"}`);
    assert.equal(status, 202);
    const row = (await bed.events()).find(({ event_id }) => event_id === body.ids[0]);
    assert.equal(row?.data, data);
    assert.equal(row?.subject, '42');
    assert.equal(row?.status, null);
    assert.match(row?.source ?? '', /^\/publishers\/key_/);
    const taken = await bed.takeEvents(1);
    assert.equal(taken[0]?.event.event.id, body.ids[0]);
  });

  test('a repeat of an id is answered with the first event’s id, without one it is a new event', async () => {
    const event = '{"type":"server.started","data":{},"id":"x1"}';
    const [first, second] = await Promise.all([post(event), post(event)]);
    assert.deepEqual(first.body, second.body);
    const bare = '{"type":"server.started","data":{}}';
    assert.notDeepEqual((await post(bare)).body, (await post(bare)).body);
  });

  test('the key is taken as bearer, as base64 of it, and from the path', async () => {
    const event = '{"type":"server.started","data":{}}';
    const base64 = Buffer.from(key).toString('base64');
    assert.equal((await post(event, { authorization: `Bearer ${base64}` })).status, 202);
    assert.equal(
      (await post(event, { authorization: '', path: `/ingest/events/${key}` })).status,
      202,
    );
    assert.equal((await post(event, { authorization: '' })).status, 401);
    assert.equal((await post(event, { authorization: `Bearer hk_${'x'.repeat(43)}` })).status, 401);
    const viewer = await bed.apiKey('viewer');
    assert.equal((await post(event, { authorization: `Bearer ${viewer}` })).status, 403);
    const admin = await bed.apiKey('admin');
    assert.equal((await post(event, { authorization: `Bearer ${admin}` })).status, 202);
  });

  test('a fault is answered with problem+json naming the field', async () => {
    const faults: [string, string][] = [
      ['{"data":{}}', 'type'],
      ['{"type":"server.started"}', 'data'],
      ['{"type":"server.started","data":[]}', 'data'],
      ['{"type":"Server","data":{}}', 'type'],
      ['{"type":"hookline.ping","data":{}}', 'type'],
      ['{"type":"a","data":{},"time":"yesterday"}', 'time'],
      ['{"type":"a","data":{},"status":"maybe"}', 'status'],
      ['{"type":"a","data":{},"phase":"pre","status":"fail"}', 'status'],
      ['{"type":"a","data":{},"id":7}', 'id'],
      ['{"type":"a","data":{},"id":""}', 'id'],
      ['{"type":"a","data":{},"colour":"red"}', 'colour'],
    ];
    for (const [body, field] of faults) {
      const answer = await post(body);
      assert.equal(answer.status, 400, body);
      assert.match(answer.headers.get('content-type') ?? '', /problem\+json/);
      assert.equal(answer.body.errors[0]?.field, field, body);
    }
    assert.equal((await post('{"type":')).status, 400);
    assert.equal((await post(`{"type":"a","data":{"x":"${'x'.repeat(256 * 1024)}"}}`)).status, 413);
    const { body } = await post('{"type":"a","data":{"x":"\\u0000"}}');
    assert.match(body.detail, /U\+0000/);
  });

  test('gRPC takes a list, each event on its own, and answers repeats as such', async (context) => {
    const address = `127.0.0.1:${gateway.ports.grpc}`;
    const client = createGrpcClient(IngestServiceService, { address });
    context.after(() => client.close());
    const event = NewEvent.fromPartial({
      source: '/panel',
      id: 'g1',
      type: 'server.started',
      status: GrpcStatus.STATUS_FAIL,
      extensions: { actor: 'api' },
      data: '{"uuid":"u-1", "n":1e2}',
    });
    const bad = NewEvent.fromPartial({ ...event, id: 'g2', extensions: { sequence: '1' } });
    const { results } = await client.publishEvents(
      { events: [event, bad, { ...event, id: 'g3' }, event] },
      { apiKey: key },
    );
    assert.deepEqual(
      results.map(({ result }) => result?.$case),
      ['accepted', 'rejected', 'accepted', 'accepted'],
    );
    const [first, refused, , repeat] = results.map(({ result }) => result?.value);
    assert.deepEqual(repeat, { ...first, duplicate: true });
    assert.ok(refused !== undefined && 'field' in refused);
    assert.equal(refused.field, 'sequence');
    const row = (await bed.events()).find(({ data }) => data === event.data);
    assert.equal(row?.subject, 'u-1');
    assert.equal(row?.status, 'fail');
    assert.equal(JSON.parse(row.extensions).actor, 'api');
    const { acceptance } = await client.publishEvent({ event }, { apiKey: key });
    assert.deepEqual(acceptance, repeat);
    await assert.rejects(client.publishEvent({ event: bad }, { apiKey: key }), /sequence/);
    await assert.rejects(client.publishEvent({ event }), /UNAUTHENTICATED/);
  });

  test('a tenant in strict mode is refused over gRPC what its catalogue does not have', async (context) => {
    const client = createGrpcClient(IngestServiceService, {
      address: `127.0.0.1:${gateway.ports.grpc}`,
    });
    context.after(() => client.close());
    await bed.pool.query(
      "INSERT INTO hookline.tenant (name, tenant_id, strict_event_types) VALUES ('strict', 'ten_3', true)",
    );
    const apiKey = await bed.apiKey('publisher', 'strict');
    const event = (id: string, type: string, data: string) =>
      NewEvent.fromPartial({ source: '/panel', id, type, data });
    const events = [
      event('s1', 'acme.odd', '{}'),
      event('s2', 'server.started', '{"name":7}'),
      event('s3', 'server.started', '{"server_id":"1"}'),
    ];
    const { results } = await client.publishEvents({ events }, { apiKey });
    const codes = results.map(({ result }) =>
      result?.$case === 'rejected' ? [result.value.code, result.value.field] : [],
    );
    assert.deepEqual(codes, [['unknown_type', 'type'], ['invalid_data', 'data.server_id'], []]);
    await assert.rejects(client.publishEvent({ event: events[0] }, { apiKey }), /acme\.odd/);
  });
});
