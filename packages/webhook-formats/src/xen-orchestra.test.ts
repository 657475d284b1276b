import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleEvent, sampleEventBefore, sampleTarget } from './sample-event.ts';
import { xenOrchestra } from './xen-orchestra.ts';

type Event = ReturnType<typeof sampleEvent>;
type Change = Parameters<typeof sampleEvent>[0];

const render = (event: Event) => xenOrchestra.render(event, sampleTarget())?.body ?? '';
const bodyOf = (change: Change) => render(sampleEvent(change));
const parsed = (change: Change) => JSON.parse(bodyOf(change)) as Record<string, unknown>;

const ORIGINAL =
  '{"type":"post","callId":"k9x2","userId":"b4tm4n","userName":"bruce.wayne@waynecorp.com","userIp":"::1","method":"vm.recoveryStart","params":{"id":"67aac198-0174-11ea-8d71-362b9e155667","n":1e2},"timestamp":1736937000123,"duration":812,"result":true}';

test('a call of Xen Orchestra goes out as it stood', () => {
  const event = sampleEvent({ data: `{"server_id":"67aac198","source":${ORIGINAL}}` });
  assert.deepEqual(xenOrchestra.render(event, sampleTarget()), {
    body: ORIGINAL,
    contentType: 'application/json',
    headers: {},
  });
  const pretty = JSON.stringify(JSON.parse(ORIGINAL), undefined, 2);
  assert.equal(bodyOf({ data: `{"source": ${pretty}\n}` }), pretty);
});

test('the stack of an error is never forwarded, nor that of its cause', () => {
  const error =
    '{"code":21,"message":"no","name":"XoError","stack":"Error: at /opt/xo/secret.mjs:1","cause":{"stack":"at /opt/xo","message":"deep"}}';
  const source = ORIGINAL.replace('"result":true', `"error":${error}`);
  const body = bodyOf({ status: 'fail', data: `{"source":${source}}` });
  assert.equal(
    body,
    ORIGINAL.replace(
      '"result":true',
      '"error":{"code":21,"message":"no","name":"XoError","cause":{"stack":"* removed *","message":"deep"}}',
    ),
  );
  const twice = ORIGINAL.replace(
    '"result":true',
    '"error":{"stack":"/opt"},"error":{"stack":"/opt"}',
  );
  assert.doesNotMatch(bodyOf({ data: `{"source":${twice}}` }), /opt/);
  assert.doesNotMatch(
    bodyOf({ status: 'fail', data: '{"error":{"message":"no","stack":"at /opt"}}' }),
    /opt/,
  );
});

test('an event from elsewhere goes out as the call that would have had its effect', () => {
  assert.equal(
    bodyOf({ extensions: { authid: 'u1', username: 'ops@example.com', correlationid: 'job-7' } }),
    '{"type":"post","callId":"job-7","userId":"u1","userName":"ops@example.com","method":"vm.start","params":{"id":"srv_abc123","name":"production-web-01","status":"running","ip":"192.168.1.100"},"timestamp":1736937000000,"duration":0,"result":true}',
  );
  assert.equal(
    render(sampleEventBefore({ data: 'null' })),
    '{"type":"pre","callId":"evt_01jhm3k0gcf0fr2q3n3zt4c6x7","userId":"","userName":"","method":"vm.start","params":{"id":"srv_abc123"},"timestamp":1736937000000}',
  );
});

test('a failed event has an error instead of a result', () => {
  const failed = (change: Change) => parsed({ status: 'fail', ...change });
  assert.deepEqual(failed({ extensions: { reason: 'no memory' } }).error, {
    message: 'no memory',
    name: 'Error',
  });
  assert.deepEqual(failed({ data: '{"error":"boom"}' }).error, { message: 'boom', name: 'Error' });
  assert.deepEqual(failed({}).error, { message: 'server.started failed', name: 'Error' });
  assert.equal('result' in failed({}), false);
  assert.equal('error' in parsed({ type: 'server.error' }), true);
});

test('duration and result of canonical data are told as such', () => {
  const body = parsed({ data: '{"server_id":"s","duration":812,"result":{"id":5}}' });
  assert.deepEqual([body.duration, body.result, body.params], [812, { id: 5 }, { id: 's' }]);
});

test('a call that makes something answers with its id, as Xen Orchestra does', () => {
  const result = (change: Change) => parsed(change).result;
  assert.equal(result({ type: 'server.created' }), 'srv_abc123');
  assert.equal(result({ type: 'user.created', data: '{"id":9}' }), '9');
  assert.equal(result({ type: 'server.snapshot.created', data: '{"snapshot":{"id":"s1"}}' }), 's1');
  assert.equal(result({ type: 'server.created', data: '{"server_id":"a","result":"b"}' }), 'b');
  assert.equal(result({ type: 'server.started' }), true);
});

test('a call is about the hypervisor or the user that the event is about', () => {
  const id = (change: Change) => (parsed(change).params as { id: unknown }).id;
  const subject = 'hypervisor/1';
  const data = '{"hypervisor":{"id":1}}';
  assert.equal(id({ type: 'hypervisor.rebooted', subject, data }), 1);
  assert.equal(id({ type: 'user.updated', subject: 'user/9', data: '{"after":{"id":9}}' }), 9);
  assert.equal(id({ type: 'hypervisor.rebooted', subject, data: '{}' }), 'hypervisor/1');
});

test('the method is the one it came by where that fits, else the first of its type', () => {
  const method = (change: Change) => parsed(change).method;
  const created = { type: 'server.created' };
  assert.equal(method(created), 'vm.create');
  assert.equal(method({ ...created, extensions: { sourcetype: 'vm.clone' } }), 'vm.clone');
  assert.equal(method({ ...created, extensions: { sourcetype: 'server.create' } }), 'vm.create');
  assert.equal(method({ type: 'user.updated' }), 'user.set');
  assert.equal(method({ type: 'server.suspended' }), 'server.suspended');
  const unknown = { type: 'xo.vm.gethavalues' };
  assert.equal(
    method({ ...unknown, extensions: { sourcetype: 'vm.getHaValues' } }),
    'vm.getHaValues',
  );
  assert.equal(method(unknown), 'vm.gethavalues');
});

test('a forced stop says force, and a migration says by its phase how far it is', () => {
  assert.equal((parsed({ type: 'server.powered_off' }).params as { force: boolean }).force, true);
  assert.equal('force' in (parsed({ type: 'server.stopped' }).params as object), false);
  const migration = (change: Change) => {
    const { type, method, error } = parsed(change);
    return [type, method, error === undefined ? 'fine' : 'error'];
  };
  assert.deepEqual(migration({ type: 'server.migration.started' }), ['pre', 'vm.migrate', 'fine']);
  assert.deepEqual(migration({ type: 'server.migration.completed' }), [
    'post',
    'vm.migrate',
    'fine',
  ]);
  assert.deepEqual(migration({ type: 'server.migration.reverted' }), [
    'post',
    'vm.migrate',
    'error',
  ]);
  assert.deepEqual(migration({ type: 'server.migrated_live' }), ['post', 'vm.migrate', 'fine']);
  assert.deepEqual(migration({ type: 'server.migration.started', status: 'fail' }), [
    'post',
    'vm.migrate',
    'error',
  ]);
});

test('secrets among built parameters are hidden with Xen Orchestra’s own words', () => {
  const data =
    '{"server_id":"s","rootPassword":"x","token":"y","nested":[{"passphrase":"z"}],"password":5}';
  assert.deepEqual(parsed({ data }).params, {
    id: 's',
    rootPassword: '* obfuscated *',
    token: '* obfuscated *',
    nested: [{ passphrase: '* obfuscated *' }],
    password: '* obfuscated *',
  });
});

test('numbers, unicode and repeated keys of built parameters are kept as JSON.parse reads them', () => {
  assert.match(
    bodyOf({ data: '{ "server_id" : 12345678901234567890, "größe":\n1e2, "a":1, "a":"☃ 😀" }' }),
    /"params":\{"id":12345678901234567890,"größe":1e2,"a":"☃ 😀"\},/,
  );
  assert.match(bodyOf({ data: '[1,2]' }), /"params":\{"id":"srv_abc123"\},/);
});

test('filters see the canonical type and the method, each with its phase and status', () => {
  assert.deepEqual(xenOrchestra.filterViews(sampleEvent()), [
    { name: 'server.started', phase: 'post', status: 'success' },
    { name: 'vm.start', phase: 'post', status: 'success' },
  ]);
  assert.deepEqual(xenOrchestra.filterViews(sampleEventBefore()), [
    { name: 'server.started', phase: 'pre' },
    { name: 'vm.start', phase: 'pre' },
  ]);
  assert.deepEqual(xenOrchestra.filterViews(sampleEvent({ type: 'server.migration.reverted' })), [
    { name: 'server.migration.reverted', phase: 'post', status: 'success' },
    { name: 'vm.migrate', phase: 'post', status: 'fail' },
  ]);
  const original = sampleEvent({ data: `{"source":${ORIGINAL}}` });
  assert.equal(xenOrchestra.filterViews(original)[1]?.name, 'vm.recoveryStart');
  const ping = sampleEvent({ type: 'hookline.ping' });
  assert.deepEqual(
    xenOrchestra.filterViews(ping).map((view) => view.name),
    ['hookline.ping'],
  );
  for (const pattern of ['backupNg.runJob', 'vm.*', 'backupNg.*', 'server.started', '*']) {
    assert.equal(xenOrchestra.checkFilterPattern(pattern), undefined, pattern);
  }
  assert.notEqual(xenOrchestra.checkFilterPattern('vm.>'), undefined);
  assert.notEqual(xenOrchestra.checkFilterPattern(''), undefined);
});
