import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventDataSchema, exampleEventData } from './event-data.ts';
import { eventTypes } from './event-types.ts';

test('every canonical type has a schema that stands alone, and an example', () => {
  for (const { type, description } of eventTypes) {
    const schema = eventDataSchema(type);
    assert.equal(schema?.title, type);
    assert.equal(schema?.description, description);
    const referred = JSON.stringify(schema).matchAll(/"#\/\$defs\/([^"]+)"/g);
    for (const [, name = ''] of referred) assert.ok(schema?.$defs?.[name], `${type}: ${name}`);
    assert.ok(Object.keys(exampleEventData(type) ?? {}).length > 0, type);
  }
  assert.equal(eventDataSchema('acme.special'), undefined);
  assert.equal(exampleEventData('acme.special'), undefined);
});

test('the example of a server event names the server as canonical data do', () => {
  assert.deepEqual(exampleEventData('server.started'), {
    server_id: 'srv_abc123',
    name: 'production-web-01',
    status: 'running',
    ip: '192.168.1.100',
  });
  assert.equal(exampleEventData('server.powered_off')?.status, 'stopped');
});
