import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@hookline/testing';
import { type LaneOptions, type Lanes, type LanesOptions, openLanes } from './lanes.ts';
import { definitionOf, type NatsFixture, openNatsFixture } from './nats-fixture.ts';
import type { ReceivedMessage } from './received-message.ts';
import { ensureStream } from './streams.ts';

const stream = definitionOf('INGEST');
const PATIENT = { timeoutMs: 20_000 };

function laneOf(tenant: string, epoch = 1): LaneOptions {
  const filterSubject = `hv.${tenant}.>`;
  return { name: tenant, filterSubject, durable: `reader_${epoch}_${tenant}` };
}

async function publish({ nats }: NatsFixture, tenant: string, from: number, to: number) {
  for (let number = from; number <= to; number += 1) {
    await nats.jetstream.publish(`hv.${tenant}.node-1.server.noted`, String(number), {
      retries: 20,
    });
  }
}

function open({ nats }: NatsFixture, options: Partial<LanesOptions> = {}): Lanes & AsyncDisposable {
  const lanes = openLanes({
    nats,
    stream,
    ackWaitMs: 60_000,
    pool: { messages: 200, bytes: 8 * 1024 * 1024 },
    isFormer: () => false,
    onMessage: () => {},
    ...options,
  });
  return { ...lanes, [Symbol.asyncDispose]: lanes.stop };
}

const numberOf = (message: ReceivedMessage) => Number(Buffer.from(message.data).toString());
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** Takes everything that is on hand, acknowledges it, and keeps the numbers by lane. */
function takeAll(lanes: Lanes, seen: Map<string, number[]>, each = (_: number) => {}): void {
  for (const lane of lanes.waiting()) {
    for (let message = lane.shift(); message !== undefined; message = lane.shift()) {
      seen.set(lane.name, [...(seen.get(lane.name) ?? []), numberOf(message)]);
      each(numberOf(message));
      message.ack();
    }
  }
  lanes.refill();
}

const firsts = (seen: Map<string, number[]>, name: string) => [...new Set(seen.get(name))];

test('P7: each lane is read in its order, NATS killed with -9 in the middle', async () => {
  await using fixture = await openNatsFixture();
  await publish(fixture, 'a', 1, 150);
  await publish(fixture, 'b', 1, 150);
  await using lanes = open(fixture);
  lanes.set([laneOf('a'), laneOf('b')]);
  const seen = new Map<string, number[]>();
  await eventually(() => assert.equal(lanes.waiting().length, 2));
  // Taken and not acknowledged when the server goes down: it comes again, as does what is on hand.
  const [taken] = lanes.waiting();
  seen.set(taken?.name ?? '', [numberOf(taken?.shift() as ReceivedMessage)]);
  await fixture.server.kill9();
  await fixture.server.restart();
  await eventually(() => {
    takeAll(lanes, seen);
    assert.equal(firsts(seen, 'a').length + firsts(seen, 'b').length, 300);
  }, PATIENT);
  assert.deepEqual(firsts(seen, 'a'), upTo(150));
  assert.deepEqual(firsts(seen, 'b'), upTo(150));
});

test('a lane that is not taken from fills the pool no further than its share, and others are read', async () => {
  await using fixture = await openNatsFixture();
  await publish(fixture, 'deep', 1, 400);
  await using lanes = open(fixture);
  lanes.set([laneOf('deep'), laneOf('other')]);
  const onHand = (name: string) => lanes.waiting().find((lane) => lane.name === name);
  await eventually(() => assert.ok((onHand('deep')?.length() ?? 0) >= 200));
  await publish(fixture, 'other', 1, 20);
  await eventually(() => assert.equal(onHand('other')?.length(), 20));
  // The pool and the allowance, and not one message more.
  assert.ok((onHand('deep')?.length() ?? 0) <= 232, `${onHand('deep')?.length()} on hand`);
});

test('messages as large as the stream takes are read beside small ones, whatever the pool has left', async () => {
  await using fixture = await openNatsFixture();
  const large = Buffer.alloc(stream.maxMessageBytes - 200, '1');
  const names = Array.from({ length: 12 }, (_, n) => `t${n}`);
  for (const name of names) {
    await fixture.nats.jetstream.publish(`hv.${name}.node-1.server.noted`, large);
    await publish(fixture, name, 2, 2);
  }
  await using lanes = open(fixture, { pool: { messages: 100, bytes: 2 * 1024 * 1024 } });
  lanes.set(names.map((name) => laneOf(name)));
  const sizes = new Map<string, number[]>();
  await eventually(() => {
    for (const lane of lanes.waiting()) {
      for (let message = lane.shift(); message !== undefined; message = lane.shift()) {
        sizes.set(lane.name, [...(sizes.get(lane.name) ?? []), message.data.length]);
        message.ack();
      }
    }
    lanes.refill();
    assert.equal([...sizes.values()].flat().length, 24);
  }, PATIENT);
  for (const name of names) assert.deepEqual(sizes.get(name), [large.length, 1]);
});

test('a limit holds a lane back, and lets it on when it grows', async () => {
  await using fixture = await openNatsFixture();
  await publish(fixture, 'a', 1, 50);
  let limit = 2;
  await using lanes = open(fixture, { limitOf: () => limit });
  lanes.set([laneOf('a')]);
  const seen = new Map<string, number[]>();
  await eventually(() => assert.equal(lanes.waiting()[0]?.length(), 2));
  limit = 1_000;
  lanes.refill();
  await eventually(() => {
    takeAll(lanes, seen);
    assert.deepEqual(seen.get('a'), upTo(50));
  });
});

test('durables of former readers are deleted, those of a later one are not', async () => {
  await using fixture = await openNatsFixture();
  const isFormer = (epoch: number) => (durable: string) => Number(durable.split('_')[1]) < epoch;
  await publish(fixture, 'a', 1, 10);
  await using former = open(fixture, { isFormer: isFormer(1) });
  former.set([laneOf('a', 1), laneOf('b', 1)]);
  await eventually(() => assert.equal(former.waiting().length, 1));
  await using later = open(fixture, { isFormer: isFormer(2) });
  later.set([laneOf('a', 2), laneOf('b', 2)]);
  const seen = new Map<string, number[]>();
  await eventually(() => {
    takeAll(later, seen);
    assert.deepEqual(seen.get('a'), upTo(10));
  }, PATIENT);
  // The former reader has not heard of it and tries to get its durables back.
  await eventually(() => assert.deepEqual(former.counts(), { open: 2, pulling: 0 }));
  await publish(fixture, 'a', 11, 12);
  await eventually(() => {
    takeAll(later, seen);
    assert.deepEqual(seen.get('a'), upTo(12));
  });
  assert.deepEqual(later.counts(), { open: 2, pulling: 2 });
});

test('a lane left out is closed with its durable, and another of its subjects can be opened', async () => {
  await using fixture = await openNatsFixture();
  await using lanes = open(fixture);
  lanes.set([laneOf('a')]);
  await eventually(() => assert.equal(lanes.counts().pulling, 1));
  lanes.set([]);
  await eventually(async () => {
    const found = await fixture.nats.manager.consumers.list('INGEST').next();
    assert.deepEqual(found, []);
  });
  lanes.set([{ ...laneOf('a'), durable: 'another' }]);
  await publish(fixture, 'a', 1, 3);
  await eventually(() => assert.equal(lanes.waiting()[0]?.length(), 3));
});

test('P1: a stream deleted while it is read is made again and its lanes are read on', async () => {
  await using fixture = await openNatsFixture();
  await using lanes = open(fixture);
  lanes.set([laneOf('a'), laneOf('b')]);
  await eventually(() => assert.equal(lanes.counts().pulling, 2));
  await fixture.nats.manager.streams.delete('INGEST');
  await eventually(() => fixture.nats.manager.streams.info('INGEST'), PATIENT);
  await publish(fixture, 'b', 1, 5);
  const seen = new Map<string, number[]>();
  await eventually(() => {
    takeAll(lanes, seen);
    assert.deepEqual(seen.get('b'), upTo(5));
  }, PATIENT);
});

test('P1: a stream that is made again just before a lane asks of its durable is read on within seconds', async () => {
  await using fixture = await openNatsFixture();
  const { manager } = fixture.nats;
  let made = 0;
  // The durable is there when the lane goes on, and with its stream gone when it is asked.
  const { info } = manager.streams;
  manager.streams.info = async (name, options) => {
    const answer = await info.call(manager.streams, name, options);
    const hasDurable = (await manager.consumers.list(name).next()).length > 0;
    if (hasDurable && made === 0) {
      made += 1;
      await manager.streams.delete(name);
      await ensureStream(manager, stream, fixture.logs);
    }
    return answer;
  };
  await using lanes = open(fixture);
  lanes.set([laneOf('a')]);
  await eventually(() => assert.equal(made, 1), PATIENT);
  await publish(fixture, 'a', 1, 5);
  const seen = new Map<string, number[]>();
  await eventually(() => {
    takeAll(lanes, seen);
    assert.deepEqual(seen.get('a'), upTo(5));
  }, PATIENT);
});
