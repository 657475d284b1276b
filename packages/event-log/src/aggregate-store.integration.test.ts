import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
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
