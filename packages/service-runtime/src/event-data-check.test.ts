import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventTypes, exampleEventData } from '@hookline/contracts';
import { checkEventData } from './event-data-check.ts';

test('the example of every canonical type is what its schema asks for', () => {
  for (const { type } of eventTypes) {
    assert.deepEqual(checkEventData(type, exampleEventData(type)), [], type);
  }
});

test('a type beyond the catalogue is itself the fault', () => {
  for (const type of ['acme.special', 'xo.vm.stats', 'constructor', '']) {
    assert.deepEqual(
      checkEventData(type, {}).map(({ field }) => field),
      ['type'],
    );
  }
});

test('every fault is named by its path, and says what would be right', () => {
  assert.deepEqual(
    checkEventData('server.started', { name: 7, ip: null, hypervisor: { id: '' } }),
    [
      { field: 'data.server_id', detail: 'is missing; it is required' },
      { field: 'data.name', detail: 'must be string' },
      { field: 'data.ip', detail: 'must be string' },
      { field: 'data.hypervisor.id', detail: 'must NOT have fewer than 1 characters' },
    ],
  );
  assert.deepEqual(checkEventData('server.started', null), [
    { field: 'data', detail: 'must be object' },
  ]);
  assert.deepEqual(
    checkEventData('server.boot_order.changed', { server_id: 1, boot_order: ['disk', 2] }),
    [{ field: 'data.boot_order[1]', detail: 'must be string' }],
  );
  assert.deepEqual(checkEventData('billing.payment.failed', { payment: { amount: 12.5 } }), [
    { field: 'data.payment.amount', detail: 'must be string' },
  ]);
});

test('members beyond the schema, and the original of another system, are no fault', () => {
  const data = { server_id: 12, anything: [1], source: { event: 'server.boot' } };
  assert.deepEqual(checkEventData('server.started', data), []);
});

test('of an event that has not happened, what is missing is no fault, what is wrong is one', () => {
  assert.deepEqual(checkEventData('server.created', {}, { partial: true }), []);
  assert.deepEqual(
    checkEventData('server.created', { name: 7 }, { partial: true }).map(({ field }) => field),
    ['data.name'],
  );
});
