import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AdapterDraft } from './draft.ts';
import { adaptXenOrchestra } from './xen-orchestra.ts';

const VM = '67aac198-0174-11ea-8d71-362b9e155667';

const adapt = (text: string) =>
  adaptXenOrchestra({ headers: {}, text, value: JSON.parse(text) as unknown });

function draft(call: Record<string, unknown>) {
  const text = JSON.stringify({
    callId: 'k9x2',
    userId: 'b4tm4n',
    userName: 'bruce.wayne@waynecorp.com',
    userIp: '::1',
    method: 'vm.start',
    params: { id: VM },
    timestamp: 1736937000123,
    ...(call.type === 'pre' ? {} : { duration: 812, result: true }),
    type: 'post',
    ...call,
  });
  const result = adapt(text);
  assert.equal(result.kind, 'drafts');
  const [only] = (result as { drafts: readonly AdapterDraft[] }).drafts;
  assert.ok(only);
  return { ...only, text, parsed: JSON.parse(only.data) as Record<string, unknown> };
}

/** The arguments without those that a call that failed does not have. */
const failing = (error: unknown) => ({ result: undefined, error });

test('a call is the event it tells, with who did it and the original under source', () => {
  const { parsed: _, text, ...rest } = draft({});
  assert.deepEqual(rest, {
    type: 'server.started',
    source: '/xen-orchestra',
    time: '2025-01-15T10:30:00.123Z',
    subject: VM,
    phase: 'post',
    status: 'success',
    extensions: {
      actor: 'api',
      correlationid: 'k9x2',
      sourcetype: 'vm.start',
      authid: 'b4tm4n',
      username: 'bruce.wayne@waynecorp.com',
    },
    data: `{"server_id":"${VM}","status":"running","duration":812,"source":${text}}`,
    sourceId: '["k9x2","post","1736937000123"]',
  });
});

test('before and after a call are two events, joined by the call', () => {
  const pre = draft({ type: 'pre' });
  assert.equal(pre.phase, 'pre');
  assert.equal('status' in pre, false);
  assert.equal(pre.extensions.correlationid, draft({}).extensions.correlationid);
  assert.notEqual(pre.sourceId, draft({}).sourceId);
  assert.deepEqual(Object.keys(pre.parsed), ['server_id', 'source'], 'nothing has happened yet');
});

test('a call with an error failed; its stack stays here, and so do secrets', () => {
  const failed = draft({
    ...failing({ code: 11, message: 'no host', stack: 'at /opt/xo', data: { stack: 'at /opt' } }),
    params: { id: VM, rootPassword: 'x', nested: [{ token: 'y' }] },
  });
  assert.equal(failed.status, 'fail');
  assert.equal(failed.extensions.reason, 'no host');
  assert.deepEqual(failed.parsed.error, { code: 11, message: 'no host' });
  assert.equal('status' in failed.parsed, false);
  assert.doesNotMatch(failed.data, /opt|"x"|"y"/);
  assert.equal(draft(failing('broken')).extensions.reason, 'broken');
  assert.doesNotMatch(draft({ method: 'token.create', result: 'abcdef' }).data, /abcdef/);
});

test('methods are told apart by phase, outcome and parameters; unknown ones are carried through', () => {
  const type = (call: Record<string, unknown>) => draft(call).type;
  assert.equal(type({ method: 'vm.stop' }), 'server.stopped');
  assert.equal(type({ method: 'vm.stop', params: { id: VM, force: true } }), 'server.powered_off');
  assert.equal(type({ method: 'vm.migrate', type: 'pre' }), 'server.migration.started');
  assert.equal(type({ method: 'vm.migrate' }), 'server.migration.completed');
  assert.equal(type({ method: 'vm.migrate', ...failing({}) }), 'server.migration.reverted');
  assert.equal(type({ method: 'vm.suspend' }), 'server.hibernated');
  assert.equal(type({ method: 'vm.getHaValues' }), 'xo.vm.gethavalues');
  assert.equal(type({ method: 'backupNg.runJob', type: 'pre' }), 'xo.backupng.runjob');
  assert.equal(draft({ method: 'vm.getHaValues' }).extensions.sourcetype, 'vm.getHaValues');
});

test('a call that makes something is about its result', () => {
  const created = draft({ method: 'vm.create', params: { name_label: 'web' }, result: 'new-vm' });
  assert.deepEqual(
    [created.subject, created.parsed.server_id, created.parsed.name],
    ['new-vm', 'new-vm', 'web'],
  );
  assert.equal(draft({ method: 'vm.clone', result: 'copy' }).subject, 'copy');
  const pre = draft({ method: 'vm.clone', type: 'pre' });
  assert.equal(pre.subject, undefined, 'the parameter is what is cloned');
  const user = draft({
    method: 'user.create',
    params: { email: 'a@b', password: 'x' },
    result: 'u7',
  });
  assert.deepEqual([user.subject, user.parsed.id, user.parsed.email], ['user/u7', 'u7', 'a@b']);
});

test('servers, hosts and users are found under the names that methods have for them', () => {
  const migrated = draft({ method: 'vm.migrate', params: { vm: VM, targetHost: 'h2' } });
  assert.deepEqual([migrated.subject, migrated.parsed.migration], [VM, { to: { id: 'h2' } }]);
  const disk = draft({ method: 'vm.attachDisk', params: { vm: VM, vdi: 'd1' } });
  assert.deepEqual(disk.parsed.device, { id: 'd1', kind: 'disk' });
  const snapshot = draft({
    method: 'vm.snapshot',
    params: { id: VM, name: 'before' },
    result: 's1',
  });
  assert.deepEqual(snapshot.parsed.snapshot, { id: 's1', name: 'before' });
  assert.equal('name' in snapshot.parsed, false, 'the name is that of the snapshot');
  const host = draft({ method: 'host.restart', params: { id: 'h1' } });
  assert.deepEqual([host.subject, host.parsed.hypervisor], ['hypervisor/h1', { id: 'h1' }]);
  assert.equal(draft({ method: 'user.set', params: { id: 'u7' } }).subject, 'user/u7');
});

test('a backup is about its server when it is of one, and about none when it is of several', () => {
  const backup = (vms: unknown) =>
    draft({ method: 'backupNg.runJob', params: { id: 'job-1', vms } });
  assert.equal(backup([VM]).type, 'server.backup.completed');
  assert.equal(backup([VM]).subject, VM);
  assert.deepEqual(backup([VM]).parsed.backup, { job: 'job-1' });
  assert.equal(backup([VM, 'other']).subject, undefined);
  assert.equal(backup(undefined).subject, undefined);
});

test('the test button is taken at every press, without a time', () => {
  const pre = draft({ callId: '0', timestamp: 0, type: 'pre' });
  const post = draft({ callId: '0', timestamp: 500, params: undefined });
  for (const pressed of [pre, post]) {
    assert.equal('sourceId' in pressed || 'time' in pressed, false);
  }
  assert.equal(pre.subject, VM);
});

test('a repeat has the same source id', () => {
  assert.equal(draft({}).sourceId, draft({}).sourceId);
  assert.notEqual(draft({ callId: 'other' }).sourceId, draft({}).sourceId);
});

test('what cannot be an event is a fault that says how to mend it', () => {
  const fault = (text: string) => {
    const result = adapt(text);
    assert.equal(result.kind, 'fault', text);
    return result as Extract<typeof result, { kind: 'fault' }>;
  };
  assert.equal(fault('{"type":"post"}').field, 'method');
  assert.equal(fault('{"method":"vm.start","type":"PRE"}').field, 'type');
  assert.equal(fault('[]').code, 'not_an_object');
  assert.match(fault('{"@type":"MessageCard","sections":[]}').reason, /"json"/);
});
