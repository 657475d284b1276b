import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLanePool } from './lane-pool.ts';
import { createLaneQueue } from './lane-queue.ts';
import type { PullEnd } from './pull-session.ts';
import type { ReceivedMessage } from './received-message.ts';

const KIB = 1024;
const message = (size = 100) => ({ size }) as ReceivedMessage;

function poolOf(messages = 200, bytes = 4 * KIB * KIB) {
  const pool = createLanePool({ messages, bytes });
  const queueOf = (limit = Number.POSITIVE_INFINITY) =>
    createLaneQueue({
      pool,
      allowance: () => ({ messages: 10, bytes: 32 * KIB }),
      largestBytes: KIB * KIB,
      limit: () => limit,
      onRoom: () => {},
    });
  return { pool, queueOf };
}

type Queue = ReturnType<ReturnType<typeof poolOf>['queueOf']>;

/** Asks, and has all of it come. */
function fill(queue: Queue, last: PullEnd): number {
  const request = queue.next(last);
  for (let n = 0; n < (request?.messages ?? 0); n += 1) queue.push(message());
  return request?.messages ?? 0;
}

describe('what a lane asks for', () => {
  test('is its allowance while it is idle, and the pool when that was filled', () => {
    const { pool, queueOf } = poolOf();
    const queue = queueOf();
    const idle = queue.next('none');
    assert.deepEqual([idle?.messages, idle?.bytes], [10, 32 * KIB]);
    assert.ok((idle?.heartbeatMs ?? 0) > 0);
    for (let n = 0; n < 10; n += 1) queue.push(message());
    assert.equal(fill(queue, 'filled'), 200);
    assert.equal(queue.next('filled'), undefined);
    assert.equal(queue.length(), 210);
    while (queue.shift() !== undefined);
    assert.deepEqual(pool.free(), { messages: 200, bytes: 4 * KIB * KIB });
  });

  test('is given back when it does not come', () => {
    const { pool, queueOf } = poolOf();
    const queue = queueOf();
    fill(queue, 'none');
    assert.equal(queue.next('filled')?.messages, 200);
    queue.push(message());
    assert.equal(pool.free().messages, 0);
    assert.equal(queue.next('expired'), undefined, 'its allowance is on hand still');
    assert.equal(pool.free().messages, 199);
    queue.clear();
    assert.deepEqual(pool.free(), { messages: 200, bytes: 4 * KIB * KIB });
  });

  test('is an equal share when another is hungry, as soon as there is room', () => {
    const { queueOf } = poolOf();
    const [deep, other] = [queueOf(), queueOf()];
    fill(deep, 'none');
    fill(deep, 'filled');
    fill(other, 'none');
    while (other.shift() !== undefined);
    // Nothing is left: it asks for its allowance again, for a short time, and counts as active.
    const hungry = other.next('filled');
    assert.equal(hungry?.messages, 10);
    assert.equal(hungry?.heartbeatMs, undefined);
    for (let n = 0; n < 110; n += 1) deep.shift();
    assert.equal(
      fill(deep, 'filled'),
      10,
      'the deep one has its share, and gets its allowance only',
    );
    assert.equal(other.next('filled')?.messages, 100);
  });

  test('has room for the largest message when the request was too small for the next', () => {
    const { pool, queueOf } = poolOf(200, 2 * KIB * KIB);
    const queues = [queueOf(), queueOf(), queueOf()];
    const bytes = queues.map((queue) => queue.next('too_small')?.bytes);
    assert.ok((bytes[0] ?? 0) >= KIB * KIB);
    assert.equal(bytes[2], undefined, 'there is no room for a third');
    assert.ok(pool.free().bytes >= 0);
  });

  test('is no more than its limit', () => {
    const { queueOf } = poolOf();
    const queue = queueOf(3);
    assert.equal(fill(queue, 'none'), 3);
    assert.equal(queue.next('filled'), undefined);
    queue.shift();
    assert.equal(queue.next('filled')?.messages, 1);
  });
});
