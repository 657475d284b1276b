import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '@hookline/testing';
import { startTestbed } from './test-gateway.ts';

interface AgentRow {
  readonly host: string;
  readonly seen: boolean;
  readonly event: boolean;
  readonly heartbeat: boolean;
}

describe('heartbeats of agents', () => {
  let bed: Awaited<ReturnType<typeof startTestbed>>;
  let gateway: Awaited<ReturnType<typeof bed.gateway>>;
  before(async () => {
    bed = await startTestbed();
    gateway = await bed.gateway();
  });
  after(() => bed.stop());

  const recent = "BETWEEN now() - interval '30 seconds' AND now()";
  const agentOf = async (host: string): Promise<AgentRow | undefined> => {
    const { rows } = await bed.pool.query<AgentRow>(
      `SELECT host, last_seen_at ${recent} AS seen, coalesce(last_event_at ${recent}, false) AS event,
         coalesce(last_heartbeat_at ${recent}, false) AS heartbeat
       FROM hookline.agent WHERE tenant = 'default' AND host = $1`,
      [host],
    );
    return rows[0];
  };

  test('a heartbeat is recorded and confirmed, and is no event', async () => {
    const agent = await bed.agent('default', 'beating');
    await agent.publish('agent.heartbeat', '{"version":"1.2"}', { 'Nats-Msg-Id': 'h1' });
    await eventually(() => assert.deepEqual(agent.answers, [{ source_id: 'h1', heartbeat: true }]));
    await eventually(async () => {
      const row = await agentOf('beating');
      assert.deepEqual(row, { host: 'beating', seen: true, event: false, heartbeat: true });
    });
    await agent.publish('server.noted', '{"id":"s"}', { 'Nats-Msg-Id': 'e1' });
    await eventually(async () => {
      const row = await agentOf('beating');
      assert.deepEqual(row, { host: 'beating', seen: true, event: true, heartbeat: true });
    });
    const rows = await bed.events();
    assert.deepEqual(
      rows.map(({ type }) => type),
      ['server.noted'],
    );
  });

  test('an event is recorded for its agent; what is rejected is not', async () => {
    const agent = await bed.agent('default', 'quiet');
    await agent.publish('server.noted', 'no JSON', { 'Nats-Msg-Id': 'bad' });
    await eventually(() => assert.equal(agent.answers[0]?.rejected?.code, 'not_json'));
    assert.equal(await agentOf('quiet'), undefined);
    await agent.publish('server.noted', '{"id":"s"}');
    await eventually(async () => {
      const row = await agentOf('quiet');
      assert.deepEqual(row, { host: 'quiet', seen: true, event: true, heartbeat: false });
    });
  });

  test('a heartbeat that is no object, or large, is rejected with a reason', async () => {
    const agent = await bed.agent('default', 'odd');
    await agent.publish('agent.heartbeat', '[]', { 'Nats-Msg-Id': 'list' });
    await agent.publish('agent.heartbeat', `{"x":"${'x'.repeat(5_000)}"}`, {
      'Nats-Msg-Id': 'big',
    });
    await eventually(() => assert.equal(agent.answers.length, 2));
    assert.deepEqual(
      agent.answers.map(({ source_id, rejected }) => [source_id, rejected?.code]),
      [
        ['list', 'not_an_object'],
        ['big', 'too_large'],
      ],
    );
  });

  test('its name is refused for events over HTTP', async () => {
    const key = await bed.apiKey('publisher');
    const answer = await fetch(`http://127.0.0.1:${gateway.ports.http}/ingest/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: '{"type":"agent.heartbeat","data":{}}',
    });
    assert.equal(answer.status, 400);
    assert.match(await answer.text(), /publish events under another type/);
  });
});
