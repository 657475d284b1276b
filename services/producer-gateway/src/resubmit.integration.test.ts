import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  decodeResubmitReply,
  encodeResubmit,
  newId,
  type ResubmitReply,
  type ResubmitRequest,
  subjects,
} from '@hookline/contracts';
import { insertRejected } from '@hookline/event-log';
import { startTestbed } from './test-gateway.ts';

let bed: Awaited<ReturnType<typeof startTestbed>>;
before(async () => {
  bed = await startTestbed();
  await bed.gateway();
});
after(() => bed.stop());

interface Given {
  readonly channel?: 'nats' | 'http';
  readonly subject?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly payload: Uint8Array | string;
  readonly received?: Uint8Array;
}

/** A message that was rejected; its id and when it was received. */
async function reject(given: Given) {
  const { channel = 'nats', subject = 'hv.default.node-1.server.started', headers = {} } = given;
  const dedupeKey = channel === 'nats' ? `nats:1700000000000:${Math.random()}` : newId('rej');
  await insertRejected(bed.pool, [
    {
      ...{ dedupeKey, tenant: 'default', host: 'node-1', channel, subject, headers },
      ...{ code: 'invalid_json', reason: 'a test', payload: Buffer.from(given.payload) },
      ...(given.received !== undefined && { received: given.received }),
    },
  ]);
  const { rows } = await bed.pool.query(
    'SELECT rejected_id AS id, received_at FROM hookline.rejected WHERE dedupe_key = $1',
    [dedupeKey],
  );
  return rows[0] as { id: string; received_at: Date };
}

async function resubmit(
  id: string,
  given: Partial<ResubmitRequest> = {},
  tenant = 'default',
): Promise<ResubmitReply> {
  const { payload, ...rest } = given;
  const text = encodeResubmit({
    ...{ tenant, rejectedId: id, actor: 'key:key_test' },
    ...rest,
    ...(payload !== undefined && { payload: Buffer.from(payload).toString('base64') }),
  });
  const message = await bed.services.request(subjects.resubmit, text, { timeout: 10_000 });
  return decodeResubmitReply(message.string());
}

const eventOf = async (reply: ResubmitReply) => {
  assert.equal(reply.kind, 'accepted', JSON.stringify(reply));
  const id = reply.kind === 'accepted' ? reply.eventId : '';
  const event = (await bed.events()).find(({ event_id }) => event_id === id);
  assert.ok(event);
  return event;
};

test('P1 a message of an agent is put in as that agent’s, with its own time or when it was received', async () => {
  const data = '{ "server_id":"srv_1", "load":1.50 }';
  const timeless = await reject({ payload: '{"server_id"' });
  const event = await eventOf(await resubmit(timeless.id, { payload: data }));
  assert.equal(event.data, data);
  assert.equal(event.source, '/hosts/node-1');
  assert.equal(event.time, timeless.received_at.toISOString());
  const timed = await reject({
    payload: '{',
    headers: { 'Hookline-Time': '2026-01-15T10:30:00Z', 'Nats-Msg-Id': 'boot-1' },
  });
  const kept = await eventOf(await resubmit(timed.id, { payload: data, type: 'server.stopped' }));
  assert.deepEqual([kept.time, kept.type], ['2026-01-15T10:30:00Z', 'server.stopped']);
  const agent = await bed.agent('default', 'node-1');
  await agent.publish('server.stopped', data, { 'Nats-Msg-Id': 'boot-1' });
  const acts = await bed.pool.query(
    `SELECT type, extensions::json ->> 'actor' AS actor FROM hookline.event_log WHERE stream = $1`,
    [`rejected-message:${timed.id}`],
  );
  assert.deepEqual(acts.rows, [{ type: 'RejectedMessageResubmitted', actor: 'key:key_test' }]);
});

test('a kill between the append and the note makes no second event: the next call finds the first', async () => {
  const http = {
    channel: 'http' as const,
    subject: '/ingest/events',
    headers: { 'content-type': 'application/json', 'hookline-key-id': 'key_shop' },
    payload: '{"type":"server.started"}',
  };
  const payload = '{"type":"server.started","data":{"server_id":"srv_2"}}';
  for (const message of [await reject({ payload: '{' }), await reject(http)]) {
    const first = await resubmit(message.id, { payload });
    const event = await eventOf(first);
    await bed.pool.query(
      `UPDATE hookline.rejected SET resolved_at = NULL, event_id = NULL WHERE rejected_id = $1`,
      [message.id],
    );
    await bed.pool.query('DELETE FROM hookline.stream_version WHERE stream = $1', [
      `rejected-message:${message.id}`,
    ]);
    const second = await resubmit(message.id, { payload });
    assert.ok(second.kind === 'accepted' && second.duplicate);
    assert.equal(second.eventId, event.event_id);
    const third = await resubmit(message.id, { payload });
    assert.deepEqual([third.kind], ['refused'], 'it was put in before');
  }
  const sources = (await bed.events()).map(({ source }) => source);
  assert.ok(sources.includes('/publishers/key_shop'), 'the principal is as it was');
});

test('what cannot be put in is told, and stays open', async () => {
  const message = await reject({ payload: 'no json' });
  assert.equal((await resubmit(message.id)).kind, 'invalid');
  assert.equal((await resubmit(message.id, {}, 'other')).kind, 'not_found');
  assert.equal((await resubmit(newId('rej'))).kind, 'not_found');
  const bad = await resubmit(message.id, { payload: '{}', type: 'hookline.ping' });
  assert.ok(bad.kind === 'invalid' && bad.code === 'reserved_type' && bad.field === 'type');
  const heartbeat = await resubmit(message.id, { payload: '{}', type: 'agent.heartbeat' });
  assert.equal(heartbeat.kind, 'invalid');
  const cut = await reject({ payload: Buffer.alloc(300_000, 0x20) });
  const refused = await resubmit(cut.id);
  assert.ok(refused.kind === 'refused' && /only the first 262144/.test(refused.reason));
  const unkept = await reject({ payload: '', received: Buffer.from('secret') });
  assert.equal((await resubmit(unkept.id)).kind, 'refused');
  const { rows } = await bed.pool.query(
    'SELECT count(*)::int AS open FROM hookline.rejected WHERE resolved_at IS NULL AND rejected_id = ANY($1)',
    [[message.id, cut.id, unkept.id]],
  );
  assert.deepEqual(rows, [{ open: 3 }]);
  const reply = await bed.services.request(subjects.resubmit, 'garbage', { timeout: 10_000 });
  assert.equal(decodeResubmitReply(reply.string()).kind, 'failed');
});
