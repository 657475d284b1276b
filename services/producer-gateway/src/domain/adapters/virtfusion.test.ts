import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AdapterDraft, AdapterRequest } from './draft.ts';
import { adaptVirtfusion } from './virtfusion.ts';

const SERVER =
  '{"id":17,"ownerId":4,"hypervisorId":2,"name":"web","uuid":"8a6f6c30-0000-4000-8000-0123456789ab","state":"complete","traffic":1.0,"settings":{"encryptedPassword":"eyJpdiI6"},"vnc":{"ip":"10.0.0.1","encryptedPassword":"abc"},"network":{"interfaces":[{"ipv4":[],"ipv6":[]},{"ipv4":[{"address":"192.0.2.7"}]}]},"owner":{"name":"Ada","email":"ada@example.com"},"hypervisor":{"id":2,"name":"node-2","group":{"name":"eu"}}}';

function body(change: Record<string, string> = {}): string {
  const members = {
    event: '"server.boot"',
    created: '"2023-04-07T07:18:15.316192Z"',
    hookId: '3',
    hookEventId: '7',
    eventStatus: '"success"',
    controlDomain: '"cp.vendor.test"',
    controlName: '"VF"',
    controlSupportLink: '"https://vf.test"',
    data: `{"server":${SERVER},"errors":[]}`,
    ...change,
  };
  const given = Object.entries(members).filter(([, value]) => value !== '');
  return `{${given.map(([key, value]) => `"${key}":${value}`).join(',')}}`;
}

const request = (text: string, headers: AdapterRequest['headers'] = {}): AdapterRequest => ({
  headers,
  text,
  value: JSON.parse(text) as unknown,
});

function draft(change: Record<string, string> = {}, headers: AdapterRequest['headers'] = {}) {
  const result = adaptVirtfusion(request(body(change), headers));
  assert.equal(result.kind, 'drafts');
  const [only] = (result as { drafts: readonly AdapterDraft[] }).drafts;
  assert.ok(only);
  return { ...only, parsed: JSON.parse(only.data) as Record<string, unknown> };
}

test('a request is the event it tells, with the original under source and secrets redacted', () => {
  const { parsed: _, data, ...rest } = draft();
  assert.deepEqual(rest, {
    type: 'server.started',
    source: '/virtfusion/cp.vendor.test',
    time: '2023-04-07T07:18:15.316192Z',
    subject: '17',
    phase: 'post',
    status: 'success',
    extensions: { sourcetype: 'server.boot' },
    sourceId: '["3","7","success","2023-04-07T07:18:15.316192Z","17"]',
  });
  const original = body()
    .replace('"eyJpdiI6"', '"* redacted *"')
    .replace('"abc"', '"* redacted *"');
  assert.equal(
    data,
    `{"server_id":17,"name":"web","status":"running","ip":"192.0.2.7","uuid":"8a6f6c30-0000-4000-8000-0123456789ab","hypervisor":{"id":2,"name":"node-2"},"owner":{"id":4,"name":"Ada","email":"ada@example.com"},"source":${original}}`,
  );
});

test('the type is found by name, the vendor’s misspelling included, else by number', () => {
  assert.equal(
    draft({ event: '"sserver.disk.trim"', hookEventId: '18' }).type,
    'server.disk.trimmed',
  );
  assert.equal(draft({ event: '', hookEventId: '"31"' }).type, 'server.migrated_live');
  assert.equal(draft({ event: '"Server.New-Thing"' }).type, 'virtfusion.server.new_thing');
  assert.equal(draft({ event: '', hookEventId: '24' }).type, 'virtfusion.24');
  assert.equal(draft({ event: '"catch.all"', hookEventId: '1000' }).type, 'virtfusion.catch.all');
});

test('what the body lacks is taken from the headers', () => {
  const headers = {
    'x-virtfusion-event': 'server.suspend',
    'x-virtfusion-event-status': 'fail',
    'x-virtfusion-created': '2024-01-01T00:00:00.000001Z',
    'x-virtfusion-hook': '9',
    'x-virtfusion-hook-event': '10',
  };
  const none = { event: '', eventStatus: '', created: '', hookId: '', hookEventId: '' };
  const found = draft(none, headers);
  assert.deepEqual(
    [found.type, found.status, found.time, found.sourceId],
    [
      'server.suspended',
      'fail',
      '2024-01-01T00:00:00.000001Z',
      '["9","10","fail","2024-01-01T00:00:00.000001Z","17"]',
    ],
  );
});

test('a failure says why, and an unknown status is one when errors are listed', () => {
  const failed = draft({
    eventStatus: '"fail"',
    data: `{"server":${SERVER},"errors":["no disk"]}`,
  });
  assert.equal(failed.status, 'fail');
  assert.equal(failed.extensions.reason, 'no disk');
  assert.deepEqual([failed.parsed.error, failed.parsed.errors], ['no disk', ['no disk']]);
  assert.equal(failed.parsed.status, 'complete', 'what the server became is not known');
  assert.equal(draft({ eventStatus: '"failed"' }).status, 'fail');
  assert.equal(draft({ eventStatus: '"done"' }).status, 'success');
  assert.equal(draft({ eventStatus: '"done"', data: '{"errors":[{"a":1}]}' }).status, 'fail');
});

test('absent objects are false, and so nothing is said of them', () => {
  const { subject, parsed } = draft({ data: '{"server":false,"errors":[]}' });
  assert.equal(subject, undefined);
  assert.deepEqual(Object.keys(parsed), ['source']);
  const created = draft({
    event: '"server.create"',
    data: '{"server":{"id":1},"args":false,"allocation":{"cores":2},"errors":[]}',
  });
  assert.deepEqual(created.parsed.allocation, { cores: 2 });
  assert.equal('args' in created.parsed, false);
});

test('dotted keys are understood as an object in an object and as they stand', () => {
  const ipv6 = { block: { id: 1 }, subnet: { id: 2 } };
  const server = '"server":{"id":1}';
  for (const data of [
    `{${server},"ipv6":{"block":{"id":1},"subnet":{"id":2},"ip":false},"errors":[]}`,
    `{${server},"ipv6.block":{"id":1},"ipv6.subnet":{"id":2},"ipv6.ip":false,"errors":[]}`,
  ]) {
    const found = draft({ event: '"server.assign.ipv6"', data });
    assert.equal(found.type, 'server.ipv6.assigned');
    assert.deepEqual(found.parsed.ipv6, ipv6);
  }
  for (const data of [
    '{"user":{"before":{"id":9,"name":"a","password":"x"},"after":{"id":9,"name":"b"}},"errors":[]}',
    '{"user.before":{"id":9,"name":"a","password":"x"},"user.after":{"id":9,"name":"b"},"errors":[]}',
  ]) {
    const found = draft({ event: '"user.modify"', data });
    assert.equal(found.subject, 'user/9');
    assert.deepEqual(found.parsed.before, { id: 9, name: 'a', password: '* redacted *' });
    assert.deepEqual(found.parsed.after, { id: 9, name: 'b' });
  }
});

test('users and hypervisors are not mistaken for servers of the same number', () => {
  const user = draft({
    event: '"user.create"',
    data: '{"user":{"id":17,"email":"a@example.com"},"errors":[]}',
  });
  assert.equal(user.subject, 'user/17');
  assert.deepEqual([user.parsed.id, user.parsed.email], [17, 'a@example.com']);
  const monitor = draft({
    event: '"system.monitor.hypervisor"',
    data: '{"type":"offline","hypervisor":{"id":17,"name":"node-1"},"errors":[]}',
  });
  assert.equal(monitor.type, 'hypervisor.status.changed');
  assert.equal(monitor.subject, 'hypervisor/17');
  assert.deepEqual(
    [monitor.parsed.type, monitor.parsed.hypervisor],
    ['offline', { id: 17, name: 'node-1' }],
  );
  const backup = draft({ event: '"system.backup.scp"', data: '{"log":{"file":"x"},"errors":[]}' });
  assert.deepEqual([backup.subject, backup.parsed.log], [undefined, { file: 'x' }]);
});

test('a repeat has the same source id; another hook, moment or server has another', () => {
  const ids = [
    draft(),
    draft({ hookId: '4' }),
    draft({ created: '"2023-04-07T07:18:15.316193Z"' }),
    draft({ data: '{"server":{"id":18},"errors":[]}' }),
    draft({ eventStatus: '"fail"' }),
  ].map(({ sourceId }) => sourceId);
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(draft({ hookId: '"3"' }).sourceId, ids[0], 'numbers and texts are the same');
  assert.equal(draft({ created: '' }).sourceId, undefined);
});

test('long numbers keep their digits', () => {
  const { subject, data } = draft({ data: '{"server":{"id":12345678901234567890},"errors":[]}' });
  assert.equal(subject, '12345678901234567890');
  assert.match(data, /^\{"server_id":12345678901234567890,/);
});

test('a body of a quarter of a mebibyte does not become an event of half of one', () => {
  const log = `{"text":"${'x'.repeat(250 * 1024)}"}`;
  const { data, parsed } = draft({
    event: '"system.backup.local"',
    data: `{"log":${log},"errors":[]}`,
  });
  assert.deepEqual(Object.keys(parsed), ['source']);
  assert.ok(Buffer.byteLength(data) < 252 * 1024);
});

test('what cannot be an event is a fault that says how to mend it', () => {
  const nameless = adaptVirtfusion(request('{"data":{}}'));
  assert.deepEqual([nameless.kind, 'field' in nameless && nameless.field], ['fault', 'event']);
  assert.equal(adaptVirtfusion(request('[1]')).kind, 'fault');
});
