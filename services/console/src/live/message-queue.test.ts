import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMessageQueue } from './message-queue.ts';

test('messages are read in order, those that came while nobody read among them', async () => {
  const queue = createMessageQueue<number>(10);
  queue.add(1);
  const reading = queue.read();
  assert.deepEqual((await reading.next()).value, { message: 1, dropped: 0 });
  const next = reading.next();
  queue.add(2);
  assert.deepEqual((await next).value, { message: 2, dropped: 0 });
});

test('what a full queue drops is told with the next message', async () => {
  const queue = createMessageQueue<number>(2);
  for (const message of [1, 2, 3, 4]) queue.add(message);
  queue.end();
  queue.add(5);
  const read: unknown[] = [];
  for await (const each of queue.read()) read.push(each);
  assert.deepEqual(read, [
    { message: 1, dropped: 2 },
    { message: 2, dropped: 0 },
  ]);
});

test('a reader that waits hears the end', async () => {
  const queue = createMessageQueue<number>(2);
  const next = queue.read().next();
  queue.end();
  assert.equal((await next).done, true);
});
