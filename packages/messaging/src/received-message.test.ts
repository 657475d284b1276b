import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Msg } from '@nats-io/transport-node';
import { toReceivedMessage } from './received-message.ts';

function received(reply: string) {
  const answers: string[] = [];
  const message = {
    subject: 'hv.default.node-1.server.started',
    data: new Uint8Array(3),
    headers: undefined,
    reply,
    respond: (payload: Uint8Array) => {
      answers.push(Buffer.from(payload).toString());
      return true;
    },
  } as unknown as Msg;
  return { message, answers };
}

const generation = () => ({ current: true, streamCreatedAt: new Date(5) });

test('the reply subject of every server version names delivery, number and time', () => {
  for (const reply of [
    '$JS.ACK.INGEST.shard.3.42.77.1700000000123456789.0',
    '$JS.ACK.hub.hash.INGEST.shard.3.42.77.1700000000123456789.0.token',
  ]) {
    const { message } = received(reply);
    const result = toReceivedMessage(message, generation());
    assert.equal(result.deliveryCount, 3);
    assert.equal(result.streamSequence, 42);
    assert.equal(result.receivedAt.getTime(), 1_700_000_000_123);
  }
});

test('answers are spelt as the protocol has them', () => {
  const { message, answers } = received('$JS.ACK.INGEST.shard.1.1.1.1700000000123456789.0');
  const result = toReceivedMessage(message, generation());
  result.ack();
  result.nak();
  result.nak(1_500);
  result.term();
  result.working();
  assert.deepEqual(answers, ['+ACK', '-NAK', '-NAK {"delay":1500000000}', '+TERM', '+WPI']);
});

test('an answer to a delivery of a past generation is dropped', () => {
  const { message, answers } = received('$JS.ACK.INGEST.shard.1.1.1.1700000000123456789.0');
  const past = generation();
  const result = toReceivedMessage(message, past);
  past.current = false;
  result.ack();
  assert.deepEqual(answers, []);
});
