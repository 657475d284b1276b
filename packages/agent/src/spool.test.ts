import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventMessage } from './event-message.ts';
import { createSpool } from './spool.ts';

const limits = { eventsMax: 5, bytesMax: 1_000, windowMax: 2, confirmTimeoutMs: 100 };
const message = (sourceId: string, bytes = 1): EventMessage => ({
  sourceId,
  subject: '',
  payload: new Uint8Array(bytes),
  headers: [],
});
const ids = (messages: readonly EventMessage[]) =>
  messages.map(({ sourceId }) => sourceId).join('');

function spoolOf(names: string) {
  const spool = createSpool(limits);
  for (const name of names) spool.add(message(name));
  return spool;
}

test('no more is under way than the window allows, and the order is that of publishing', () => {
  const spool = spoolOf('abcd');
  assert.equal(ids(spool.take(0)), 'ab');
  assert.equal(ids(spool.take(0)), '');
  assert.equal(spool.settle('a'), true);
  assert.equal(ids(spool.take(0)), 'c');
});

test('after a lost connection everything unconfirmed is sent again, the oldest first', () => {
  const spool = spoolOf('abcd');
  spool.take(0);
  spool.settle('a');
  spool.rewind();
  assert.equal(ids(spool.messages()), 'bcd');
  assert.equal(ids(spool.take(50)), 'bc');
  assert.equal(ids(spool.takeOverdue(149)), '');
  assert.equal(ids(spool.takeOverdue(150)), 'bc', 'the wait begins anew');
});

test('what is not confirmed in time is sent again, after twice as long each time', () => {
  const spool = spoolOf('a');
  spool.take(0);
  assert.equal(ids(spool.takeOverdue(99)), '');
  assert.equal(ids(spool.takeOverdue(100)), 'a');
  assert.equal(ids(spool.takeOverdue(299)), '');
  assert.equal(ids(spool.takeOverdue(300)), 'a');
  for (let at = 300, sends = 0; sends < 20; sends += 1) {
    at += 60_000;
    assert.equal(ids(spool.takeOverdue(at)), 'a', 'never later than after a minute');
  }
});

test('the spool is full by number and by bytes, and has room again after a confirmation', () => {
  const spool = spoolOf('abcde');
  assert.equal(spool.hasRoom(1), false);
  spool.settle('c');
  assert.equal(spool.hasRoom(1), true);
  assert.equal(spool.hasRoom(997), false, 'four bytes are in use');
  assert.equal(spool.hasRoom(996), true);
  assert.equal(spool.settle('c'), false, 'a second confirmation changes nothing');
  assert.equal(spool.hasRoom(997), false);
});
