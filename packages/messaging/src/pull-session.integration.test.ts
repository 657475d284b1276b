import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@hookline/testing';
import { openNatsFixture } from './nats-fixture.ts';
import { openPullSession, type PullEnd } from './pull-session.ts';

test('a request that the server drops without a word is over at its time, with heartbeats or without', async () => {
  await using fixture = await openNatsFixture();
  const { nats } = fixture;
  for (const heartbeatMs of [undefined, 40]) {
    const durable = `mute_${heartbeatMs ?? 'none'}`;
    // Takes requests and says nothing, as servers of 2.9 do when a message comes as the request expires.
    const asked: string[] = [];
    const mute = nats.connection.subscribe(`$JS.API.CONSUMER.MSG.NEXT.MUTE.${durable}`, {
      callback: (_, message) => void asked.push(message.reply ?? ''),
    });
    const ends: PullEnd[] = [];
    const startedAt = performance.now();
    const session = openPullSession({
      nats,
      stream: 'MUTE',
      durable,
      onMessage: () => {},
      next(last) {
        ends.push(last);
        return {
          messages: 10,
          bytes: 1_000_000,
          expiresMs: 80,
          ...(heartbeatMs && { heartbeatMs }),
        };
      },
      watchEveryMs: 60_000,
    });
    await eventually(() => assert.ok(asked.length >= 3, 'it asks again'));
    assert.deepEqual(ends.slice(0, 3), ['none', 'expired', 'expired']);
    assert.ok(performance.now() - startedAt >= 160, 'not before its time');
    assert.equal(new Set(asked).size, asked.length, 'each request has a subject of its own');
    session.end('closed');
    assert.equal(await session.ended, 'closed');
    mute.unsubscribe();
  }
});
