import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { appendToStream, VersionConflictError } from './aggregate-store.ts';
import type { Decider } from './decider.ts';
import { createDeciderRunner, type EventCodec } from './decider-runner.ts';
import { specify } from './decider-specification.ts';
import { openTestLog } from './fixtures.ts';

type Command = { readonly kind: 'add'; readonly amount: number };
type Event = { readonly type: 'Added'; readonly amount: number };

const counter: Decider<Command, Event, number> = {
  decide(command, state) {
    if (state + command.amount > 100) throw new Error('the counter is full');
    return command.amount === 0 ? [] : [{ type: 'Added', amount: command.amount }];
  },
  evolve: (state, event) => state + event.amount,
  initialState: () => 0,
};
const codec: EventCodec<Event> = {
  encode: ({ type, amount }) => ({ type, data: { amount } }),
  decode: ({ data }) => ({ type: 'Added', ...(JSON.parse(data) as { amount: number }) }),
};
const metadata = { tenant: 'default', actor: 'test' };
const add = (amount: number): Command => ({ kind: 'add', amount });

test('a decider is specified as given, when, then', () => {
  const { given } = specify(counter);
  given().when(add(2)).then({ type: 'Added', amount: 2 });
  given().when(add(0)).then();
  given({ type: 'Added', amount: 99 }).when(add(2)).thenRefused(/full/);
  assert.throws(() => given().when(add(2)).then(), assert.AssertionError);
  assert.throws(() => given().when(add(2)).thenRefused(/full/), assert.AssertionError);
});

describe('a decider in the log', () => {
  let log: Awaited<ReturnType<typeof openTestLog>>;
  before(async () => {
    log = await openTestLog();
  });
  after(() => log?.[Symbol.asyncDispose]());
  const open = () =>
    createDeciderRunner(log.service, {
      decider: counter,
      codec,
      streamOf: (id) => `counter:${id}`,
    });

  test('decides on what its events made, and appends what it decided', async () => {
    const runner = open();
    const run = { id: 'a', metadata };
    const first = await runner.run({ ...run, command: add(5), expectedVersion: 0n });
    assert.deepEqual(first, { events: [{ type: 'Added', amount: 5 }], state: 5, version: 1n });
    await runner.run({ ...run, command: add(7), expectedVersion: 1n });
    assert.deepEqual(await runner.load('a'), { state: 12, version: 2n });
    const none = await runner.run({ ...run, command: add(0), expectedVersion: 2n });
    assert.deepEqual(none, { events: [], state: 12, version: 2n });
    await assert.rejects(runner.run({ ...run, command: add(99), expectedVersion: 2n }), /full/);
  });

  test('a version that is not the expected one is a conflict, at once', async () => {
    const run = { id: 'b', metadata, command: add(1) };
    await open().run({ ...run, expectedVersion: 0n });
    await assert.rejects(open().run({ ...run, expectedVersion: 0n }), VersionConflictError);
    await assert.rejects(open().run({ ...run, expectedVersion: 2n }), VersionConflictError);
    assert.deepEqual(await open().load('b'), { state: 1, version: 1n });
  });

  test('decided on what is there, four at once all come through, and no more is decided than holds', async () => {
    const results = await Promise.allSettled(
      [40, 40, 40, 40].map((amount) =>
        open().run({ id: 'c', metadata, command: add(amount), expectedVersion: 'current' }),
      ),
    );
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 2);
    assert.deepEqual(await open().load('c'), { state: 80, version: 2n });
  });

  test('what is written alongside is there with the events or not at all', async () => {
    const run = { id: 'd', metadata, command: add(3), expectedVersion: 'current' } as const;
    const alongside = () => Promise.reject(new Error('no row'));
    await assert.rejects(open().run({ ...run, alongside }), /no row/);
    assert.deepEqual(await open().load('d'), { state: 0, version: 0n });
  });

  test('a decision in a transaction older than the last event is a conflict: the log keeps each stream in order', async () => {
    const { kysely } = log.service;
    const events = [{ type: 'Added', data: { amount: 1 } }];
    await assert.rejects(
      kysely.transaction().execute(async (older) => {
        await older
          .insertInto('hookline.stream_version')
          .values({ stream: 'x', version: 1n })
          .execute();
        await open().run({ id: 'e', metadata, command: add(1), expectedVersion: 0n });
        await appendToStream(older, { stream: 'counter:e', expectedVersion: 1n, events, metadata });
      }),
      VersionConflictError,
    );
  });
});
