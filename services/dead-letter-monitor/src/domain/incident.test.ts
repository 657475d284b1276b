import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAdvisory } from './advisory.ts';
import { groupByCause } from './dead-groups.ts';
import type { DeadDelivery } from './disabling.ts';
import { causeCode, isToBeTold, type Showing } from './incident.ts';
import { writeIncidentMail } from './incident-mail.ts';
import { deliveryDead } from './own-events.ts';
import { groupRejected } from './rejected-groups.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));

function dead(given: Partial<DeadDelivery> = {}): DeadDelivery {
  return {
    deliveryId: 'dlv_1',
    eventId: 'evt_1',
    eventType: 'server.started',
    eventRecordedAt: at(0),
    subject: 'srv_1',
    attemptsCount: 5,
    cause: 'http_error',
    error: undefined,
    firstAttemptAt: at(0),
    diedAt: at(1),
    ...given,
  };
}

test('dead letters are grouped by outcome, HTTP errors by status, in the order of causes', () => {
  const letters = [
    dead({ deliveryId: 'a', diedAt: at(3) }),
    dead({ deliveryId: 'b', cause: 'timeout' }),
    dead({ deliveryId: 'c', diedAt: at(2) }),
    dead({ deliveryId: 'd', cause: 'expired' }),
    dead({ deliveryId: 'e' }),
  ];
  const statuses = new Map([
    ['a', 503],
    ['c', 503],
  ]);
  const groups = groupByCause(letters, (id) => statuses.get(id));
  assert.deepEqual(
    groups.map(({ cause, outcome, letters }) => [cause, outcome, letters.length]),
    [
      ['expired', undefined, 1],
      ['http_503', 'http_error', 2],
      ['http_error', 'http_error', 1],
      ['timeout', 'timeout', 1],
    ],
  );
  assert.deepEqual([groups[1]?.firstAt, groups[1]?.lastAt], [at(2), at(3)]);
  assert.equal(causeCode('gone', 410), 'gone');
});

test('people are told once, and again when the interval has passed', () => {
  const repeatMs = 60_000;
  const told = (toldAt: Date | undefined) => isToBeTold({ toldAt }, { now: at(10), repeatMs });
  assert.deepEqual([told(undefined), told(at(9)), told(at(10))], [true, true, false]);
});

test('rejected messages of a tenant that is not there are the operator’s', () => {
  const message = {
    ...{ tenant: 'shop', is_known: true, host: null, channel: 'http', code: 'missing_field' },
    ...{ reason: 'data is missing', received_at: at(0) },
  };
  const groups = groupRejected([
    message,
    { ...message, received_at: at(5) },
    { ...message, tenant: 'nobody', is_known: false, host: 'node-1' },
    { ...message, tenant: null, is_known: false },
  ]);
  assert.deepEqual(
    groups.map(({ showing }) => [showing.tenant, showing.groupKey, showing.count]),
    [
      ['default', 'rejected/http/missing_field', 1],
      ['default', 'rejected/node-1/missing_field', 1],
      ['shop', 'rejected/http/missing_field', 2],
    ],
  );
});

test('an advisory is trouble of its stream; anything else is none', () => {
  const advisory = {
    type: 'io.nats.jetstream.advisory.v1.terminated',
    timestamp: at(1).toISOString(),
    stream: 'EVENTS',
    consumer: 'dispatcher',
  };
  const showing = readAdvisory(Buffer.from(JSON.stringify(advisory)));
  assert.equal(showing?.groupKey, 'advisory/terminated/EVENTS/dispatcher');
  assert.equal(showing?.tenant, 'default');
  assert.deepEqual(showing?.lastAt, at(1));
  for (const text of ['', 'no json', '[]', '{"type":7}', '{"type":"io.nats.other"}']) {
    assert.equal(readAdvisory(Buffer.from(text)), undefined);
  }
});

test('nothing is told of a dead delivery of Hookline’s own events', () => {
  const given = { tenant: 'default', subscriptionId: 'sub_1', cause: 'timeout', incidentId: 'i' };
  assert.deepEqual(deliveryDead(dead({ eventType: 'hookline.delivery.dead' }), given), []);
  const [event] = deliveryDead(dead(), given);
  assert.equal(event?.about, 'sub_1');
  assert.equal(event?.data.server_id, 'srv_1');
});

test('a mail about an incident says what, since when and how often, and takes no markup from elsewhere', () => {
  const showing: Showing = {
    ...{ tenant: 'default', kind: 'ingest_rejected', groupKey: 'g', host: 'node-1' },
    ...{ cause: 'invalid_json', summary: 'Host <b>node-1</b>\r\nBcc: everyone@example.com' },
    ...{ suggestion: 'Mend it.', count: 2, firstAt: at(0), lastAt: at(5) },
  };
  const incident = {
    ...({ id: 'inc_1', isNew: true, kind: 'ingest_rejected', count: 12 } as const),
    ...{ firstAt: at(0), toldAt: undefined },
  };
  const mail = writeIncidentMail({ incident, showing, consoleUrl: 'http://127.0.0.1:8080/' });
  assert.equal(mail.subject, 'Published messages rejected');
  assert.match(mail.text, /^Incident: +inc_1$/m);
  assert.match(mail.text, /^Count: +12$/m);
  assert.match(mail.text, /^Since: +2026-01-01 00:00:00 UTC$/m);
  assert.ok(!/^Bcc:/m.test(mail.text));
  assert.ok(!mail.html.includes('<b>') && mail.html.includes('&lt;b&gt;'));
});
