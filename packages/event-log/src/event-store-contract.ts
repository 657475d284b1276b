import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '@hookline/testing';
import { VersionConflictError } from './aggregate-store.ts';
import type { EventStore } from './event-store.ts';
import { eventOf } from './fixtures.ts';
import { LOG_START, type LogCheckpoint, type LoggedEvent } from './logged-event.ts';
import { createUpcasters, type Upcasters } from './upcasters.ts';

export type OpenEventStore = (
  upcasters: Upcasters,
) => Promise<{ readonly store: EventStore } & AsyncDisposable>;

const metadata = { tenant: 'default', actor: 'test' };
const upcasters = createUpcasters([
  { type: 'Renamed', fromVersion: 1, upcast: (data) => ({ name: (data as { n: string }).n }) },
]);

/** What every event store guarantees; each implementation runs these same tests. */
export function eventStoreContract(name: string, open: OpenEventStore): void {
  describe(`event store: ${name}`, () => {
    let opened: Awaited<ReturnType<OpenEventStore>>;
    let store: EventStore;
    before(async () => {
      opened = await open(upcasters);
      store = opened.store;
    });
    after(() => opened?.[Symbol.asyncDispose]());

    async function readAll(from: LogCheckpoint, limit: number): Promise<LoggedEvent[]> {
      const all: LoggedEvent[] = [];
      for (let page = await store.readLog({ after: from, limit }); page.events.length > 0; ) {
        all.push(...page.events);
        page = await store.readLog({ after: page.checkpoint, limit });
      }
      return all;
    }

    test('a message is an event once, and its repeat names the first', async () => {
      const first = eventOf({ server: 'once', sourceId: 'm-1' });
      const again = eventOf({ server: 'once', sourceId: 'm-1' });
      const [appended, repeated] = await store.appendEvents([first, again]);
      assert.ok(appended?.kind === 'appended');
      assert.deepEqual(repeated, {
        kind: 'repeated',
        eventId: first.eventId,
        position: appended.event.position,
      });
      assert.deepEqual(await store.appendEvents([again]), [repeated]);
      assert.equal((await store.readStream({ stream: first.line })).length, 1);
    });

    test('P7: each server has its own sequence from 1, without gaps', async () => {
      const servers = ['seq-a', 'seq-b', 'seq-a', 'seq-a', 'seq-b'];
      const results = await store.appendEvents(servers.map((server) => eventOf({ server })));
      const sequences = results.map(
        (result) => result.kind === 'appended' && result.event.sequence,
      );
      assert.deepEqual(sequences, [1n, 1n, 2n, 3n, 2n]);
    });

    test('an event is read back as it was published', async () => {
      const data = '{"b":1e2,  "a":"\u00e9"}';
      const event = eventOf({ server: 'bytes', data });
      const [result] = await store.appendEvents([event]);
      assert.ok(result?.kind === 'appended');
      const [read] = await store.readStream({ stream: event.line });
      assert.ok(read);
      const { logEpoch: _, transactionId: __, ...rest } = read;
      assert.deepEqual(rest, {
        kind: 'server',
        position: result.event.position,
        recordedAt: result.event.recordedAt,
        stream: event.line,
        version: 1n,
        eventId: event.eventId,
        tenant: 'default',
        source: '/hosts/node-1',
        type: 'server.started',
        time: result.event.time,
        subject: 'bytes',
        phase: 'post',
        status: 'success',
        extensions: '{"actor":"api"}',
        data,
        schemaVersion: 1,
      });
    });

    test('a stream takes events at the expected version only', async () => {
      const append = (expectedVersion: bigint, ...types: string[]) =>
        store.appendToStream({
          stream: 'thing:1',
          expectedVersion,
          events: types.map((type) => ({ type, data: { type } })),
          metadata,
        });
      assert.equal(await append(0n, 'Made', 'Changed'), 2n);
      await assert.rejects(append(0n, 'Made'), VersionConflictError);
      await assert.rejects(append(3n, 'Changed'), VersionConflictError);
      assert.equal(await append(2n, 'Ended'), 3n);
      const read = await store.readStream({ stream: 'thing:1', afterVersion: 1n });
      assert.deepEqual(
        read.map((event) => [event.kind, event.version, event.type, event.data]),
        [
          ['aggregate', 2n, 'Changed', '{"type":"Changed"}'],
          ['aggregate', 3n, 'Ended', '{"type":"Ended"}'],
        ],
      );
      assert.equal((await store.readStream({ stream: 'thing:1', limit: 1 })).length, 1);
      assert.deepEqual(await store.readStream({ stream: 'thing:none' }), []);
    });

    test('of writers at the same version one wins', async () => {
      const results = await Promise.allSettled(
        [1, 2, 3].map((n) =>
          store.appendToStream({
            stream: 'thing:race',
            expectedVersion: 0n,
            events: [{ type: 'Made', data: { n } }],
            metadata,
          }),
        ),
      );
      assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1);
    });

    test('past versions of an event are read in the newest shape', async () => {
      const events = [
        { type: 'Renamed', data: { n: 'old' } },
        { type: 'Renamed', data: { name: 'new' }, schemaVersion: 2 },
      ];
      await store.appendToStream({ stream: 'thing:past', expectedVersion: 0n, events, metadata });
      const read = await store.readStream({ stream: 'thing:past' });
      assert.deepEqual(
        read.map(({ data, schemaVersion }) => [data, schemaVersion]),
        [
          ['{"name":"old"}', 2],
          ['{"name":"new"}', 2],
        ],
      );
    });

    test('the log is read in one order, whatever the page, with each stream in its own', async () => {
      await store.appendEvents(Array.from({ length: 20 }, () => eventOf({ server: 'many' })));
      // Transactions of others, in other databases even, put the end of the log off.
      const all = await eventually(async () => {
        const read = await readAll(LOG_START, 1000);
        assert.equal(read.filter((event) => event.subject === 'many').length, 20);
        return read;
      });
      assert.deepEqual(await readAll(LOG_START, 7), all);
      assert.equal(new Set(all.map((event) => event.eventId)).size, all.length);
      const versions = new Map<string, bigint>();
      for (const event of all) {
        assert.equal(event.version, (versions.get(event.stream) ?? 0n) + 1n, event.stream);
        versions.set(event.stream, event.version);
      }
    });

    test('a reader at the end gets what is appended next, and nothing else', async () => {
      const last = eventOf({ server: 'last' });
      await store.appendEvents([last]);
      const all = await eventually(async () => {
        const page = await store.readLog({ after: LOG_START, limit: 1000 });
        assert.equal(page.events.at(-1)?.eventId, last.eventId);
        return page;
      });
      const end = await store.readLog({ after: all.checkpoint });
      assert.deepEqual(end, { events: [], checkpoint: all.checkpoint });
      const event = eventOf({ server: 'next' });
      await store.appendEvents([event]);
      const next = await eventually(async () => {
        const page = await store.readLog({ after: end.checkpoint });
        assert.ok(page.events.length > 0);
        return page;
      });
      assert.deepEqual(
        next.events.map((each) => each.eventId),
        [event.eventId],
      );
    });

    test('a checkpoint that the log never gave is refused', async () => {
      await assert.rejects(
        store.readLog({ after: 'yesterday' as LogCheckpoint }),
        /not a checkpoint/,
      );
    });
  });
}
