import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBatchBuffer } from './batch-buffer.ts';
import type { ReceivedMessage } from './received-message.ts';

function message(streamSequence: number, size = 100): ReceivedMessage {
  return {
    subject: 'hv.default.node-1.server.started',
    data: new Uint8Array(size),
    headers: undefined,
    streamSequence,
    streamCreatedAt: new Date(0),
    deliveryCount: 1,
    receivedAt: new Date(0),
    size,
    ack: () => {},
    nak: () => {},
    term: () => {},
    working: () => {},
  };
}

const sequences = (batch: readonly ReceivedMessage[] | undefined) =>
  batch?.map(({ streamSequence }) => streamSequence);

test('a batch holds at most batchMax messages, in order', async () => {
  const buffer = createBatchBuffer({ batchMax: 2, batchBytesMax: 1_000, batchWaitMs: 0 });
  for (const sequence of [1, 2, 3]) buffer.push(message(sequence));
  assert.deepEqual(sequences(await buffer.next()), [1, 2]);
  assert.deepEqual(sequences(await buffer.next()), [3]);
  assert.equal(buffer.length(), 0);
  assert.equal(buffer.bytes(), 0);
});

test('a batch holds at most batchBytesMax bytes, but always one message', async () => {
  const buffer = createBatchBuffer({ batchMax: 10, batchBytesMax: 250, batchWaitMs: 0 });
  for (const [sequence, size] of [
    [1, 100],
    [2, 100],
    [3, 100],
    [4, 900],
  ] as const) {
    buffer.push(message(sequence, size));
  }
  assert.deepEqual(sequences(await buffer.next()), [1, 2]);
  assert.deepEqual(sequences(await buffer.next()), [3]);
  assert.deepEqual(sequences(await buffer.next()), [4]);
});

test('a waiting batch goes out as soon as it is full', async () => {
  const buffer = createBatchBuffer({ batchMax: 2, batchBytesMax: 1_000, batchWaitMs: 60_000 });
  const next = buffer.next();
  buffer.push(message(1));
  await new Promise(setImmediate);
  buffer.push(message(2));
  assert.deepEqual(sequences(await next), [1, 2]);
});

test('a batch that is not full goes out after batchWaitMs', async () => {
  const buffer = createBatchBuffer({ batchMax: 2, batchBytesMax: 1_000, batchWaitMs: 10 });
  const next = buffer.next();
  buffer.push(message(1));
  assert.deepEqual(sequences(await next), [1]);
});

test('messages cleared while a batch waits for more are in no batch', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const buffer = createBatchBuffer({ batchMax: 2, batchBytesMax: 1_000, batchWaitMs: 10 });
  const next = buffer.next();
  buffer.push(message(1));
  await new Promise(setImmediate);
  assert.deepEqual(sequences(buffer.clear()), [1]);
  t.mock.timers.tick(10);
  await new Promise(setImmediate);
  buffer.push(message(2));
  await new Promise(setImmediate);
  t.mock.timers.tick(10);
  assert.deepEqual(sequences(await next), [2]);
});

test('closing ends a reader that waits', async () => {
  const buffer = createBatchBuffer({ batchMax: 2, batchBytesMax: 1_000, batchWaitMs: 0 });
  const next = buffer.next();
  buffer.close();
  assert.equal(await next, undefined);
});
