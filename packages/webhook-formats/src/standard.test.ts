import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleEvent, sampleEventBefore, sampleTarget } from './sample-event.ts';
import { standard } from './standard.ts';

const bodyOf = (event: ReturnType<typeof sampleEvent>) =>
  standard.render(event, sampleTarget())?.body ?? '';

test('the body is that of Standard Webhooks with the envelope after it', () => {
  assert.deepEqual(standard.render(sampleEvent(), sampleTarget()), {
    body: '{"type":"server.started","timestamp":"2025-01-15T10:30:00Z","data":{"server_id":"srv_abc123","name":"production-web-01","status":"running","ip":"192.168.1.100"},"id":"evt_01jhm3k0gcf0fr2q3n3zt4c6x7","subject":"srv_abc123","sequence":"00000000000000000007","phase":"post","status":"success"}',
    contentType: 'application/json',
    headers: {},
  });
});

test('a pre event has no status, an event about no server no subject', () => {
  const { subject: _, ...event } = sampleEventBefore({ data: '{}' });
  assert.equal(
    bodyOf(event),
    '{"type":"server.started","timestamp":"2025-01-15T10:30:00Z","data":{},"id":"evt_01jhm3k0gcf0fr2q3n3zt4c6x7","sequence":"00000000000000000007","phase":"pre"}',
  );
});

test('the bytes of data go out as published', () => {
  const texts = [
    'null',
    '{}',
    '[1e2, 1.0, -0, 12345678901234567890]',
    '{\n  "b": 1e2,\n  "a": "gr\\u00f6\\u00dfe \\/ ☃ 😀",\n  "a": 2\n}\n',
    '{"2":1,"1":2,"__proto__":3,"source":{"x":1}}',
    '"\\u0000 \\ud800"',
  ];
  for (const data of texts) {
    const body = bodyOf(sampleEvent({ data }));
    assert.ok(body.includes(`,"data":${data},"id":`), data);
    JSON.parse(body);
  }
});

test('what stands in the envelope is escaped', () => {
  const body = bodyOf(sampleEvent({ subject: 'srv "1"\\', data: 'null' }));
  assert.equal((JSON.parse(body) as { subject: string }).subject, 'srv "1"\\');
});

test('filters see the canonical type, phase and status', () => {
  assert.deepEqual(standard.filterViews(sampleEvent({ status: 'fail' })), [
    { name: 'server.started', phase: 'post', status: 'fail' },
  ]);
  assert.deepEqual(standard.filterViews(sampleEventBefore()), [
    { name: 'server.started', phase: 'pre' },
  ]);
});
