import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventTypes } from '@hookline/contracts';
import { SECRET, sentWebhook } from '../fixtures.ts';
import { verifyWebhook } from '../receiver.ts';
import type { ServerCreatedData } from './event-data.ts';
import { knownEventTypes } from './event-types.ts';
import type { HooklineEvent } from './events.ts';

test('the known types are those of the catalogue, and the ping', () => {
  const catalogue = eventTypes.map(({ type }) => type);
  assert.deepEqual([...knownEventTypes].sort(), [...catalogue, 'hookline.ping'].sort());
});

/** That this compiles is the guarantee: each case sees the data of its type, and no other's. */
function told(event: HooklineEvent): unknown {
  if (!event.known) return `${event.type} ${String(event.data.colour)}`;
  switch (event.type) {
    case 'server.created': {
      const data: ServerCreatedData = event.data;
      return data.allocation;
    }
    case 'server.ipv4.assigned':
      return event.data.ipv4?.ip;
    case 'user.updated':
      return event.data.after;
    default:
      return event.type;
  }
}

test('a type switches to its own data, and a type of a tenant passes as any other', () => {
  const event = (type: string, data: object) =>
    verifyWebhook(sentWebhook({ event: { type, data: JSON.stringify(data) } }), { secret: SECRET })
      .event;
  assert.deepEqual(told(event('server.created', { allocation: { cpu: 2 } })), { cpu: 2 });
  assert.equal(told(event('server.ipv4.assigned', { ipv4: { ip: '192.0.2.1' } })), '192.0.2.1');
  assert.deepEqual(told(event('user.updated', { after: { id: 1 } })), { id: 1 });
  assert.equal(told(event('acme.rack.painted', { colour: 'red' })), 'acme.rack.painted red');
});
