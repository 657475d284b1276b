import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventTypes, exampleEventData, ListEventTypesRequest } from '@hookline/contracts';
import { listEventTypes } from './event-type-catalogue.ts';

test('every type of the catalogue is listed with an example of its data, and a tenant’s own without', async () => {
  const { eventTypes: listed } = await listEventTypes(
    ListEventTypesRequest.create(),
    'default',
    async () => ['acme.special'],
  );
  assert.equal(listed.length, eventTypes.length + 1);
  for (const { type, canonical, exampleData } of listed) {
    if (canonical) assert.deepEqual(JSON.parse(exampleData), exampleEventData(type), type);
    else assert.equal(exampleData, '', type);
  }
});
