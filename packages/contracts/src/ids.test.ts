import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { TypeID } from 'typeid-js';
import { deliveryId, idTimeMs, isId, newId } from './ids.ts';

test('ids are TypeIDs over UUIDv7 that carry their time', () => {
  for (const timeMs of [0, 1, Date.now(), 2 ** 48 - 1]) {
    const id = newId('evt', timeMs);
    assert.ok(isId('evt', id), id);
    const uuid = TypeID.fromString(id, 'evt').toUUID();
    assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(Number.parseInt(uuid.replaceAll('-', '').slice(0, 12), 16), timeMs);
    assert.equal(idTimeMs(id), timeMs);
    assert.equal(TypeID.fromUUID('evt', uuid).toString(), id);
  }
});

test('a thousand ids of one millisecond are a thousand ids', () => {
  const ids = new Set(Array.from({ length: 1_000 }, () => newId('att', 1_700_000_000_000)));
  assert.equal(ids.size, 1_000);
});

test('P2: a delivery id is a function of event and subscription alone, in the time of the event', () => {
  const event = newId('evt', 1_700_000_000_000);
  const [one, other] = [newId('sub'), newId('sub')];
  assert.equal(deliveryId(event, one), deliveryId(event, one));
  assert.notEqual(deliveryId(event, one), deliveryId(event, other));
  assert.ok(isId('dlv', deliveryId(event, one)));
  assert.equal(idTimeMs(deliveryId(event, one)), 1_700_000_000_000);
  const digest = createHash('sha256').update(`${event}:${one}`).digest('hex');
  const uuid = TypeID.fromString(deliveryId(event, one)).toUUID().replaceAll('-', '');
  assert.equal(uuid.slice(13, 16), digest.slice(1, 4));
  assert.equal(uuid.slice(17), digest.slice(5, 20));
});

test('what is not an id of the prefix is told apart', () => {
  const id = newId('sub');
  for (const wrong of [
    '',
    'sub_',
    id.slice(0, -1),
    `${id}0`,
    id.toUpperCase(),
    id.replace('sub', 'evt'),
    `sub_8${id.slice(5)}`,
    `sub_${'i'.repeat(26)}`,
  ]) {
    assert.equal(isId('sub', wrong), false, wrong);
  }
});
