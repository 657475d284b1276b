import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { actOnRecord } from './act-on-record.ts';
import { appendToStream, readStream, VersionConflictError } from './aggregate-store.ts';
import { openTestLog } from './fixtures.ts';

let log: Awaited<ReturnType<typeof openTestLog>>;
before(async () => {
  log = await openTestLog();
});
after(() => log?.[Symbol.asyncDispose]());

const metadata = { tenant: 'default', actor: 'test' };

test('a stream is read back in order, with its version', async () => {
  const { kysely } = log.service;
  const events = [
    { type: 'Made', data: { n: 1 } },
    { type: 'Changed', data: { n: 2 } },
  ];
  const version = await kysely
    .transaction()
    .execute((transaction) =>
      appendToStream(transaction, { stream: 'thing:1', expectedVersion: 0n, events, metadata }),
    );
  assert.equal(version, 2n);
  assert.deepEqual(await readStream(kysely, 'thing:1'), { events, version: 2n });
  assert.deepEqual(await readStream(kysely, 'thing:none'), { events: [], version: 0n });
});

test('of writers that decided on the same version one wins, and the others are told', async () => {
  const { kysely } = log.service;
  const append = () =>
    kysely.transaction().execute((transaction) =>
      appendToStream(transaction, {
        stream: 'thing:2',
        expectedVersion: 0n,
        events: [{ type: 'Made', data: {} }],
        metadata,
      }),
    );
  const results = await Promise.allSettled([append(), append(), append()]);
  assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1);
  for (const result of results) {
    if (result.status === 'rejected') assert.ok(result.reason instanceof VersionConflictError);
  }
  assert.equal((await readStream(kysely, 'thing:2')).events.length, 1);
});

test('acts on one thing at the same time are all on record; one that did nothing or failed is not', async () => {
  const { service } = log;
  const act = (n: number, type: string | undefined, fail = false) =>
    actOnRecord(service, { stream: 'thing:acts', metadata }, async (statements) => {
      const { rows } = await statements.query<{ readonly n: number }>({
        ...{ name: 'echo', text: 'SELECT $1::int AS n', values: [n] },
      });
      if (fail) throw new Error('refused');
      const event = type === undefined ? undefined : { type, data: rows[0] };
      return { result: rows[0]?.n, event };
    });
  assert.deepEqual(await Promise.all([act(1, 'Moved'), act(2, 'Moved')]), [1, 2]);
  assert.equal(await act(3, undefined), 3);
  await assert.rejects(act(4, 'Moved', true), /refused/);
  const { events, version } = await readStream(service.kysely, 'thing:acts');
  assert.equal(version, 2n);
  assert.deepEqual(events.map(({ data }) => (data as { n: number }).n).sort(), [1, 2]);
});
