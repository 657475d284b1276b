import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '@hookline/testing';
import { startTestbed } from './test-gateway.ts';

describe('ingest over NATS', () => {
  let bed: Awaited<ReturnType<typeof startTestbed>>;
  let agent: Awaited<ReturnType<typeof bed.agent>>;
  before(async () => {
    bed = await startTestbed();
    await bed.gateway();
    agent = await bed.agent('default', 'node-1');
  });
  after(() => bed.stop());

  const answerTo = (from: typeof agent, sourceId: string, nth = 0) =>
    eventually(() => {
      const answer = from.answers.filter(({ source_id }) => source_id === sourceId)[nth];
      assert.ok(answer, `no answer to ${sourceId}`);
      return answer;
    });

  test('P1 a message is appended, confirmed with its id and position, and handed on, unchanged', async () => {
    const data = '{ "b": 1e2, "a": 1.0, "server_id": 12345678901234567890, "b2": "\\u00e9é" }';
    await agent.publish('server.started', data, { 'Nats-Msg-Id': 'a', 'Hookline-Status': 'fail' });
    const answer = await answerTo(agent, 'a');
    const [row] = await bed.events();
    assert.deepEqual(answer, {
      source_id: 'a',
      event_id: row?.event_id,
      position: Number(row?.position),
    });
    assert.equal(row?.data, data);
    assert.equal(row?.subject, '12345678901234567890');
    assert.equal(row?.status, 'fail');
    assert.equal(row?.source, '/hosts/node-1');
    const [taken] = await bed.takeEvents(1);
    assert.equal(taken?.event.event.id, row?.event_id);
    assert.equal(taken?.event.event.data, data);
    assert.equal(taken?.swept, false);
  });

  test('a repeat is answered with the first one’s id and uses up no sequence number', async () => {
    for (const id of ['r1', 'r1', 'r2']) {
      await agent.publish('server.started', '{"server_id":"rep"}', { 'Nats-Msg-Id': id });
    }
    const first = await answerTo(agent, 'r1');
    const second = await answerTo(agent, 'r1', 1);
    await answerTo(agent, 'r2');
    assert.deepEqual(second, first);
    const rows = (await bed.events()).filter((row) => row.subject === 'rep');
    assert.deepEqual(
      rows.map((row) => row.sequence),
      [1n, 2n],
    );
  });

  test('P5 the same id from another host or tenant is another event', async () => {
    const others = [await bed.agent('default', 'node-2'), await bed.agent('other', 'node-1')];
    const ids = new Set<string | undefined>();
    for (const publisher of [agent, ...others]) {
      await publisher.publish('server.started', '{"id":"s"}', { 'Nats-Msg-Id': 'same' });
      ids.add((await answerTo(publisher, 'same')).event_id);
    }
    assert.equal(ids.size, 3);
  });

  test('bad messages are kept with their reason and answered; their neighbours are accepted', async () => {
    const bad: [string, string | Uint8Array, string, Record<string, string>?][] = [
      ['nul', '{"a":"x\\u0000"}', 'nul_character'],
      ['text', 'hello', 'not_json'],
      ['list', '[1]', 'not_an_object'],
      ['utf8', Uint8Array.of(0x7b, 0xff, 0x7d), 'invalid_utf8'],
      ['large', `{"a":"${'x'.repeat(256 * 1024)}"}`, 'too_large'],
      ['phase', '{}', 'invalid_phase', { 'Hookline-Phase': 'during' }],
    ];
    for (const [id, body, , extra] of bad) {
      await agent.publish('server.noted', body, { 'Nats-Msg-Id': id, ...extra });
      await agent.publish('server.noted', '{"id":"n"}', { 'Nats-Msg-Id': `after ${id}` });
    }
    for (const [id, , code] of bad) {
      assert.equal((await answerTo(agent, id)).rejected?.code, code);
      assert.ok((await answerTo(agent, `after ${id}`)).event_id);
    }
    const kept = await bed.rejected();
    assert.deepEqual(kept.map(({ code }) => code).sort(), bad.map(([, , code]) => code).sort());
    const large = kept.find(({ code }) => code === 'too_large');
    assert.equal(large?.payload.length, 256 * 1024);
    assert.ok(large.payload_bytes > 256 * 1024);
    assert.equal(large.tenant, 'default');
    assert.equal(large.host, 'node-1');
  });

  test('P5 a confirmation is sent to the agent’s own inboxes and nowhere else', async () => {
    const heard: string[] = [];
    bed.services.subscribe('to.>', { callback: (_, message) => void heard.push(message.subject) });
    await bed.services.flush();
    const before = (await bed.rejected()).length;
    for (const target of [
      '_INBOX_other_node-1.x',
      '_INBOX_default_node-1.*',
      '$JS.API.STREAM.PURGE.INGEST',
    ]) {
      await agent.publish('server.noted', '{"id":"c"}', { 'Hookline-Confirm-To': target });
    }
    await agent.publish('server.noted', '{"id":"c"}', { 'Nats-Msg-Id': 'later' });
    await answerTo(agent, 'later');
    const kept = (await bed.rejected()).slice(before);
    assert.deepEqual(
      kept.map(({ code }) => code),
      Array(3).fill('invalid_confirm_to'),
    );
    assert.deepEqual(heard, [`to.${agent.inbox}`]);
  });

  test('P5 a reply subject that names our own API or another tenant’s ingest has no effect', async () => {
    const count = (await bed.events()).length;
    for (const reply of [
      '$JS.API.STREAM.PURGE.EVENTS',
      'hv.other.node-9.server.deleted',
      'to._INBOX_other_node-1.x',
    ]) {
      agent.connection.publish('hv.default.node-1.server.noted', '{"id":"v"}', { reply });
    }
    await agent.publish('server.noted', '{"id":"v"}', { 'Nats-Msg-Id': 'after attack' });
    await answerTo(agent, 'after attack');
    const rows = (await bed.events()).slice(count);
    assert.equal(rows.length, 4);
    assert.ok(rows.every(({ tenant }) => tenant === 'default'));
    const taken = await bed.takeEvents(rows.length);
    assert.ok(taken.length >= rows.length, 'EVENTS was not purged');
  });
});
