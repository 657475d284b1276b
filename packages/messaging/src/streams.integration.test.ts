import assert from 'node:assert/strict';
import { test } from 'node:test';
import { streamDefinitions } from '@hookline/contracts';
import { eventually } from '@hookline/testing';
import { collectLogs, definitionOf, openNatsFixture } from './nats-fixture.ts';
import { createPublisher, PublishError } from './publisher.ts';
import { ensureStream, ensureStreams, StreamError } from './streams.ts';
import { publishWakeUp, subscribeWakeUps, type WakeUp } from './wake-ups.ts';
import { watchStreams } from './watch-streams.ts';

test('services that start together make the streams once and as defined', async () => {
  await using fixture = await openNatsFixture();
  const { manager } = fixture.nats;
  for (const { name } of streamDefinitions) await manager.streams.delete(name);
  await Promise.all(
    [1, 2, 3, 4].map(() => ensureStreams(manager, streamDefinitions, fixture.logs)),
  );
  const { config } = await manager.streams.info('INGEST');
  assert.deepEqual(config.subjects, ['hv.>']);
  assert.equal(config.retention, 'workqueue');
  assert.equal(config.discard, 'new');
  assert.equal(config.duplicate_window, 100_000_000);
});

test('a stream that differs is updated', async () => {
  await using fixture = await openNatsFixture();
  const { manager } = fixture.nats;
  const definition = { ...definitionOf('EVENTS'), maxBytes: 64 * 1024 * 1024 };
  assert.equal(await ensureStream(manager, definition, fixture.logs), false);
  assert.equal((await manager.streams.info('EVENTS')).config.max_bytes, 64 * 1024 * 1024);
});

test('a stream made with another retention is refused, with the way out', async () => {
  await using fixture = await openNatsFixture();
  const definition = { ...definitionOf('EVENTS'), retention: 'limits' as const };
  await assert.rejects(
    ensureStream(fixture.nats.manager, definition, collectLogs()),
    (error: Error) => error instanceof StreamError && /nats stream rm EVENTS/.test(error.message),
  );
});

test('P1: streams that are deleted while services run are made again', async () => {
  await using fixture = await openNatsFixture();
  const { nats } = fixture;
  const recreated: string[] = [];
  const watch = watchStreams({
    nats,
    definitions: streamDefinitions,
    onRecreated: (name) => recreated.push(name),
  });
  for (const { name } of streamDefinitions) await nats.manager.streams.delete(name);
  await eventually(() => assert.equal(new Set(recreated).size, streamDefinitions.length), {
    timeoutMs: 10_000,
  });
  await watch.stop();
  for (const { name } of streamDefinitions) await nats.manager.streams.info(name);
});

test('publishing into a full stream is back-pressure, into no stream unavailable', async () => {
  await using fixture = await openNatsFixture();
  const { nats } = fixture;
  const full = { ...definitionOf('EVENTS'), maxBytes: 2_000 };
  await ensureStream(nats.manager, full, fixture.logs);
  const publisher = createPublisher({ nats });
  const codeOf = async (subject: string, bytes: number): Promise<string> => {
    try {
      await publisher.publish(subject, new Uint8Array(bytes));
      return 'stored';
    } catch (error) {
      return error instanceof PublishError ? error.code : String(error);
    }
  };
  assert.equal(await codeOf('events.batch', 1_500), 'stored');
  assert.equal(await codeOf('events.batch', 1_500), 'backpressure');
  assert.equal(await codeOf('nowhere.at.all', 10), 'unavailable');
  assert.equal(await codeOf('hv.default.node-1.server.started', 1024 * 1024 + 1), 'too_large');
  await publisher.stop();
  assert.equal(await codeOf('events.batch', 10), 'unavailable');
});

test('publishes beyond the window wait their turn, beyond the queue they are refused', async () => {
  await using fixture = await openNatsFixture();
  const publisher = createPublisher({ nats: fixture.nats, inFlightMax: 2, waitingMax: 3 });
  const results = await Promise.allSettled(
    Array.from({ length: 7 }, (_, index) => publisher.publish('events.batch', String(index))),
  );
  assert.deepEqual(
    results.map(({ status }) => status),
    [...Array(5).fill('fulfilled'), 'rejected', 'rejected'],
  );
  assert.equal(publisher.inFlight(), 0);
});

test('publishing and waking up without NATS fails at once and keeps nothing', async () => {
  await using fixture = await openNatsFixture();
  const { nats, server } = fixture;
  const publisher = createPublisher({ nats });
  await server.kill9();
  await eventually(() => assert.equal(nats.isConnected(), false));
  await assert.rejects(publisher.publish('events.batch', 'x'), { code: 'unavailable' });
  publishWakeUp(nats, 'subscriptions.changed', 'lost');
  await server.restart();
});

test('a reader hears wake-ups, and that it may have missed some after a reconnect', async () => {
  await using fixture = await openNatsFixture();
  const { nats, server } = fixture;
  const heard: WakeUp[] = [];
  const subscription = subscribeWakeUps(nats, 'subscriptions.>', (wakeUp) => heard.push(wakeUp));
  publishWakeUp(nats, 'subscriptions.changed', 'default');
  await eventually(() =>
    assert.deepEqual(heard, [{ subject: 'subscriptions.changed', text: 'default' }]),
  );
  await server.kill9();
  await server.restart();
  await eventually(() => assert.equal(heard[1], undefined), { timeoutMs: 10_000 });
  await eventually(() => assert.equal(heard.length, 2), { timeoutMs: 10_000 });
  subscription.stop();
});
