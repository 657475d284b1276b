import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  HEARTBEAT_TYPE as CONTRACT_HEARTBEAT,
  INGEST_MESSAGE_BYTES_MAX,
  inboxPrefix,
  ingestHeaders,
  ingestSubject,
  isInboxOf,
} from '@hookline/contracts';
import { inboxPrefixOf } from './agent-credentials.ts';
import {
  type AgentEvent,
  confirmationInbox,
  HEARTBEAT_TYPE,
  PAYLOAD_BYTES_MAX,
  toMessage,
} from './event-message.ts';

const identity = { tenant: 'default', host: 'node-1' };
const inbox = confirmationInbox(identity, '1');
const event: AgentEvent = { type: 'server.started', data: { server_id: 'srv_1' }, id: 'boot-1' };
const message = (given: Partial<AgentEvent> = {}) =>
  toMessage({ ...event, ...given }, identity, inbox);

test('the package, which stands alone, names things as the services do', () => {
  assert.equal(HEARTBEAT_TYPE, CONTRACT_HEARTBEAT);
  assert.equal(PAYLOAD_BYTES_MAX, INGEST_MESSAGE_BYTES_MAX);
  assert.equal(inboxPrefixOf(identity), inboxPrefix('default', 'node-1'));
  assert.ok(isInboxOf(inbox, identity));
  assert.equal(message().subject, ingestSubject({ ...identity, type: 'server.started' }));
  const all = message({
    status: 'fail',
    phase: 'post',
    subject: 'srv_1',
    time: new Date(0),
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  });
  const names = all.headers.map(([name]) => name);
  assert.deepEqual(names.sort(), Object.values(ingestHeaders).sort());
  assert.deepEqual(
    all.headers.find(([name]) => name === 'Hookline-Time')?.[1],
    '1970-01-01T00:00:00.000Z',
  );
});

test('an event without an id gets one of its own', () => {
  const [first, second] = [
    message({ id: undefined as never }),
    message({ id: undefined as never }),
  ];
  assert.notEqual(first.sourceId, second.sourceId);
});

test('the text of an object is sent byte for byte', () => {
  const text = '{"b":1.0,"a":1e2}';
  assert.equal(Buffer.from(message({ data: text }).payload).toString(), text);
});

test('what could not be sent is refused, by name', () => {
  const faulty: [Partial<AgentEvent>, RegExp][] = [
    [{ type: 'Server.Started' }, /type/],
    [{ type: 'a b' }, /type/],
    [{ type: '>' }, /type/],
    [{ type: 'a'.repeat(129) }, /128/],
    [{ id: 'a'.repeat(257) }, /id has 257/],
    [{ id: '' }, /Nats-Msg-Id/],
    [{ subject: 'a\r\nb: c' }, /Hookline-Subject/],
    [{ subject: ' a' }, /Hookline-Subject/],
    [{ time: new Date('no') }, /time/],
    [{ data: { text: 'a'.repeat(PAYLOAD_BYTES_MAX) } }, /bytes/],
  ];
  for (const [given, reason] of faulty) {
    assert.throws(() => message(given), { code: 'invalid_event', message: reason });
  }
});
