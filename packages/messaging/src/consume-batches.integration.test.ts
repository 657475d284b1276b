import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@hookline/testing';
import {
  type BatchConsumer,
  type ConsumeBatchesOptions,
  consumeBatches,
} from './consume-batches.ts';
import { definitionOf, type NatsFixture, openNatsFixture } from './nats-fixture.ts';
import type { ReceivedMessage } from './received-message.ts';

const stream = definitionOf('INGEST');
const subject = 'hv.default.node-1.server.started';

async function publish({ nats }: NatsFixture, from: number, to: number): Promise<void> {
  const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  for (const number of numbers)
    await nats.jetstream.publish(subject, String(number), { retries: 20 });
}

function numberOf(message: ReceivedMessage): number {
  return Number(Buffer.from(message.data).toString());
}

/** Reads for ever, acknowledging each batch after `handle`, and keeps the numbers in order of reading. */
function read(
  { nats }: NatsFixture,
  options: Partial<ConsumeBatchesOptions> = {},
  handle: (batch: readonly ReceivedMessage[]) => Promise<void> = async () => {},
): { readonly consumer: BatchConsumer; readonly seen: number[]; readonly done: Promise<void> } {
  const consumer = consumeBatches({
    nats,
    stream,
    durable: 'reader',
    ackWaitMs: 2_000,
    ...options,
  });
  const seen: number[] = [];
  const run = async (): Promise<void> => {
    for await (const batch of consumer) {
      await handle(batch);
      for (const message of batch) {
        seen.push(numberOf(message));
        message.ack();
      }
    }
  };
  return { consumer, seen, done: run() };
}

async function pending({ nats }: NatsFixture): Promise<number> {
  return (await nats.manager.streams.info('INGEST')).state.messages;
}

const firstSights = (seen: readonly number[]) => [...new Set(seen)];
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test('every message is read once, in order, and leaves the work queue when acknowledged', async () => {
  await using fixture = await openNatsFixture();
  await publish(fixture, 1, 300);
  const { consumer, seen, done } = read(fixture, { batchMax: 50 });
  await eventually(() => assert.equal(seen.length, 300));
  await eventually(async () => assert.equal(await pending(fixture), 0));
  assert.deepEqual(seen, upTo(300));
  await consumer.stop();
  await done;
});

test('P1: reading goes on after NATS is killed with -9 and started again', async () => {
  await using fixture = await openNatsFixture();
  await publish(fixture, 1, 100);
  const { consumer, seen, done } = read(fixture);
  await eventually(() => assert.equal(seen.length, 100));
  await fixture.server.kill9();
  await eventually(() => assert.equal(fixture.nats.isConnected(), false));
  await fixture.server.restart();
  await eventually(() => assert.equal(fixture.nats.isConnected(), true), { timeoutMs: 10_000 });
  await publish(fixture, 101, 200);
  await eventually(() => assert.deepEqual(firstSights(seen).length, 200), { timeoutMs: 20_000 });
  await eventually(async () => assert.equal(await pending(fixture), 0));
  await consumer.stop();
  await done;
});

test('P1: a stream deleted while it is read is made again and read on', async () => {
  await using fixture = await openNatsFixture();
  const { consumer, seen, done } = read(fixture);
  await publish(fixture, 1, 50);
  await eventually(() => assert.equal(seen.length, 50));
  await fixture.nats.manager.streams.delete('INGEST');
  await eventually(() => fixture.nats.manager.streams.info('INGEST'), { timeoutMs: 10_000 });
  await publish(fixture, 51, 100);
  await eventually(() => assert.deepEqual(seen, upTo(100)), { timeoutMs: 10_000 });
  await consumer.stop();
  await done;
});

test('an answer to a message of the deleted stream does not take one of the new stream away', async () => {
  await using fixture = await openNatsFixture();
  const held: ReceivedMessage[] = [];
  const { consumer, seen, done } = read(fixture, {}, async (batch) => {
    if (held.length === 0) held.push(...batch);
  });
  await publish(fixture, 1, 1);
  await eventually(() => assert.equal(seen.length, 1));
  await fixture.nats.manager.streams.delete('INGEST');
  await eventually(() => assert.equal(consumer.isPulling(), false), { timeoutMs: 10_000 });
  await eventually(() => assert.equal(consumer.isPulling(), true), { timeoutMs: 10_000 });
  await consumer.stop();
  await done;
  await publish(fixture, 2, 2);
  for (const message of held) message.ack();
  await fixture.nats.connection.flush();
  assert.equal(await pending(fixture), 1);
});

test('a deleted consumer is made again and reading goes on', async () => {
  await using fixture = await openNatsFixture();
  const { consumer, seen, done } = read(fixture);
  await publish(fixture, 1, 50);
  await eventually(() => assert.equal(seen.length, 50));
  await fixture.nats.manager.consumers.delete('INGEST', 'reader');
  await publish(fixture, 51, 100);
  await eventually(() => assert.equal(firstSights(seen).length, 100), { timeoutMs: 10_000 });
  await consumer.stop();
  await done;
});

test('a purge only takes away what was not read yet', async () => {
  await using fixture = await openNatsFixture();
  const { consumer, seen, done } = read(fixture);
  await publish(fixture, 1, 50);
  await fixture.nats.manager.streams.purge('INGEST');
  await publish(fixture, 51, 100);
  await eventually(() => assert.deepEqual(seen.slice(-50), upTo(100).slice(50)));
  await consumer.stop();
  await done;
});

test('a reader that does not ask for more pulls no more than its buffer holds', async () => {
  await using fixture = await openNatsFixture();
  await publish(fixture, 1, 300);
  const { nats } = fixture;
  const consumer = consumeBatches({ nats, stream, durable: 'slow', batchMax: 10, bufferMax: 40 });
  const batches = consumer[Symbol.asyncIterator]();
  await batches.next();
  await eventually(async () => {
    const info = await nats.manager.consumers.info('INGEST', 'slow');
    assert.ok(info.num_ack_pending >= 40);
  });
  const info = await nats.manager.consumers.info('INGEST', 'slow');
  assert.ok(info.num_ack_pending <= 50, `${info.num_ack_pending} are pending`);
  await consumer.stop();
});

test('a stopped reader gives back what it has not handed out', async () => {
  await using fixture = await openNatsFixture();
  await publish(fixture, 1, 100);
  const { nats } = fixture;
  const options = { nats, stream, durable: 'shared', batchMax: 10, ackWaitMs: 60_000 };
  const first = consumeBatches({ ...options, bufferMax: 100 });
  const { value: batch } = await first[Symbol.asyncIterator]().next();
  await eventually(async () => {
    const { num_pending } = await nats.manager.consumers.info('INGEST', 'shared');
    assert.equal(num_pending, 0);
  });
  await first.stop();
  for (const message of batch ?? []) message.ack();
  // Long before the acknowledgement wait of the ones given back is over.
  const second = read(fixture, options);
  await eventually(() => assert.equal(second.seen.length + (batch?.length ?? 0), 100));
  await second.consumer.stop();
  await second.done;
});

test('messages as large as the stream takes are read', async () => {
  await using fixture = await openNatsFixture();
  const { nats } = fixture;
  const large = new Uint8Array(stream.maxMessageBytes - 100);
  for (let count = 0; count < 12; count += 1) await nats.jetstream.publish(subject, large);
  const consumer = consumeBatches({ nats, stream, durable: 'large', batchBytesMax: 1024 * 1024 });
  let count = 0;
  for await (const batch of consumer) {
    for (const message of batch) message.ack();
    count += batch.length;
    if (count === 12) break;
  }
  await eventually(async () => assert.equal(await pending(fixture), 0));
});

test('stopping before NATS, the stream or the durable is got back ends the iteration', async () => {
  await using fixture = await openNatsFixture();
  const { consumer, done } = read(fixture);
  await eventually(() => assert.equal(consumer.isPulling(), true));
  await fixture.server.kill9();
  await consumer.stop();
  await done;
  await fixture.server.restart();
});
