import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type DispatchableEvent,
  decodeEventBatch,
  encodeEventBatch,
  lineOf,
  splitIntoBatches,
  subjectOfLine,
} from './event-batch.ts';

function entry(n: number, data = `{"n":${n}}`): DispatchableEvent {
  return {
    event: {
      id: `evt_${n}`,
      tenant: 'default',
      position: BigInt(n) + 2n ** 60n,
      recordedAt: new Date(1_700_000_000_000 + n),
      source: '/hosts/node-1',
      type: 'server.started',
      time: '2025-01-15T10:30:00Z',
      phase: n % 2 === 0 ? 'post' : 'pre',
      ...(n % 2 === 0 && { subject: `srv_${n}`, status: 'success' as const }),
      sequence: BigInt(n),
      extensions: { traceparent: '00-a-b-00' },
      data,
    },
    subscriptionEpoch: n,
    line: `default/s/srv_${n}`,
  };
}

test('a batch is read back as it was written, data byte for byte', () => {
  const batch = [entry(0, '{ "é": "\\n", "x" : 1e2 }'), entry(1, 'null'), entry(2, '"ünïcode 🙂"')];
  assert.deepEqual(decodeEventBatch(encodeEventBatch(batch)), batch);
});

test('a message of another version is refused', () => {
  assert.throws(() => decodeEventBatch(Buffer.from('{"v":2,"events":[]}\n')), /version 2/);
});

test('messages hold at most 64 events and 512 KiB, in order; a larger event goes alone', () => {
  const many = Array.from({ length: 130 }, (_, n) => entry(n));
  assert.deepEqual(
    splitIntoBatches(many).map((batch) => batch.length),
    [64, 64, 2],
  );
  assert.deepEqual(splitIntoBatches(many).flat(), many);
  const large = [200, 200, 200, 10].map((kib, n) =>
    entry(n, JSON.stringify('ü'.repeat(kib * 512))),
  );
  assert.deepEqual(
    splitIntoBatches(large).map((batch) => batch.length),
    [2, 2],
  );
  assert.deepEqual(splitIntoBatches([]), []);
});

test('a server never shares a line with a host, whatever their names', () => {
  assert.notEqual(lineOf('t', 'h/x', 'o'), lineOf('t', undefined, 'x'));
  assert.equal(subjectOfLine('t', lineOf('t', '/a/b', 'o')), '/a/b');
  assert.equal(subjectOfLine('t', lineOf('t', undefined, 's/x')), undefined);
});
