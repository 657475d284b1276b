import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkTypePattern } from './event-matching.ts';
import {
  canonicalFromCdhosting,
  canonicalFromVirtfusion,
  canonicalFromXenOrchestra,
  carriedThroughType,
  cdhostingFromCanonical,
  typeFromName,
  typePatternFromVirtfusion,
  virtfusionFromCanonical,
  virtfusionFromTypePattern,
  xenOrchestraFromCanonical,
} from './event-type-names.ts';
import { eventTypes, findEventType } from './event-types.ts';
import { isOwnType } from './operational-event.ts';
import { checkEventType } from './subjects.ts';

/** VirtFusion's catalogue beside the canonical type, as the vendor numbers it. */
const VIRTFUSION = `
1 server.create server.created
2 server.destroy server.deleted
3 server.build server.built
4 server.assign.ipv6 server.ipv6.assigned
5 server.unassign.ipv6 server.ipv6.unassigned
6 server.poweroff server.powered_off
7 server.boot server.started
8 server.restart server.rebooted
9 server.shutdown server.stopped
10 server.suspend server.suspended
11 server.unsuspend server.unsuspended
12 server.insert.cd server.cd.inserted
13 server.eject.cd server.cd.ejected
14 server.change.boot.order server.boot_order.changed
15 server.enable.vnc server.vnc.enabled
16 server.disable.vnc server.vnc.disabled
17 server.reset.password server.password.reset
18 server.disk.trim server.disk.trimmed
19 server.assign.ipv4 server.ipv4.assigned
20 server.unassign.ipv4 server.ipv4.unassigned
21 server.migrate server.migration.started
22 server.migrate.complete server.migration.completed
23 server.migrate.revert server.migration.reverted
25 user.create user.created
26 user.modify user.updated
27 user.delete user.deleted
28 system.backup.local system.backup.local
29 system.backup.scp system.backup.scp
30 system.monitor.hypervisor hypervisor.status.changed
31 server.migrate.live server.migrated_live
`
  .trim()
  .split('\n')
  .map((line) => line.split(' ') as [string, string, string]);

const CDHOSTING = [
  'server.created',
  'server.started',
  'server.stopped',
  'server.rebooted',
  'server.error',
  'server.backup.completed',
  'billing.payment.succeeded',
  'billing.payment.failed',
  'billing.subscription.cancelled',
];

test('every VirtFusion id and name, 1000 with them, maps to its canonical type and back', () => {
  for (const [id, name, type] of VIRTFUSION) {
    assert.equal(canonicalFromVirtfusion(Number(id)), type);
    assert.equal(canonicalFromVirtfusion(id), type);
    assert.equal(canonicalFromVirtfusion(name), type);
    const { id: ownId, name: ownName } = virtfusionFromCanonical(type) ?? {};
    assert.deepEqual([ownId, ownName], [Number(id), name]);
    const pattern = typePatternFromVirtfusion(id) ?? '';
    assert.equal(pattern, type);
    assert.deepEqual(virtfusionFromTypePattern(pattern), virtfusionFromCanonical(type));
  }
  for (const all of [1000, '1000', 'catch.all']) {
    const pattern = typePatternFromVirtfusion(all) ?? '';
    assert.equal(pattern, '*');
    assert.deepEqual(virtfusionFromTypePattern(pattern), { id: 1000, name: 'catch.all' });
  }
  for (const none of [0, 24, 32, 999, 'server.paused']) {
    assert.equal(typePatternFromVirtfusion(none), undefined);
  }
  const successOnly = eventTypes.filter((entry) => entry.virtfusion?.[0]?.successOnly);
  assert.deepEqual(
    successOnly.map(({ type }) => type),
    ['user.created', 'user.updated', 'user.deleted'],
  );
  const mapped = eventTypes.filter((entry) => entry.virtfusion !== undefined);
  assert.equal(mapped.length, VIRTFUSION.length, 'the catalogue knows no other VirtFusion event');
});

test('the misspelling of the vendor’s page is understood; unknown names are carried through', () => {
  assert.equal(canonicalFromVirtfusion('sserver.disk.trim'), 'server.disk.trimmed');
  assert.equal(canonicalFromVirtfusion('server.New.Thing'), 'virtfusion.server.new.thing');
  assert.equal(canonicalFromVirtfusion(24), 'virtfusion.24');
  assert.equal(virtfusionFromCanonical('server.paused'), undefined);
  assert.equal(virtfusionFromCanonical('acme.special'), undefined);
});

test('every CDHosting name is canonical as it stands and goes out under itself', () => {
  for (const name of CDHOSTING) {
    assert.equal(canonicalFromCdhosting(name), name);
    assert.equal(cdhostingFromCanonical(name), name);
  }
  const names = new Set(eventTypes.map((entry) => entry.cdhosting).filter(Boolean));
  assert.deepEqual([...names].sort(), [...CDHOSTING].sort());
  assert.equal(cdhostingFromCanonical('server.powered_off'), 'server.stopped');
  assert.equal(cdhostingFromCanonical('server.suspended'), 'server.suspended');
  assert.equal(canonicalFromCdhosting('server.powered_off'), undefined);
});

/** Xen Orchestra's methods beside what a hook after a call that went well stands for. */
const XEN_ORCHESTRA = `
vm.create server.created
vm.clone server.created
vm.copy server.created
vm.import server.created
vm.delete server.deleted
vm.stop server.stopped
vm.start server.started
vm.recoveryStart server.started
vm.restart server.rebooted
vm.setAndRestart server.rebooted
vm.insertCd server.cd.inserted
vm.ejectCd server.cd.ejected
vm.setBootOrder server.boot_order.changed
vm.migrate server.migration.completed
vm.warmMigration server.migration.completed
vm.suspend server.hibernated
vm.pause server.paused
vm.resume server.resumed
user.create user.created
user.set user.updated
user.delete user.deleted
backupNg.runJob server.backup.completed
`
  .trim()
  .split('\n')
  .map((line) => line.split(' ') as [string, string]);

test('every method of the table stands for its type, and goes out as that method', () => {
  for (const [method, type] of XEN_ORCHESTRA) {
    assert.equal(canonicalFromXenOrchestra({ method, phase: 'post' }), type);
    assert.ok(
      xenOrchestraFromCanonical(type).some((call) => call.method === method),
      method,
    );
  }
});

test('every Xen Orchestra call of the catalogue maps to its type and back', () => {
  for (const { type, xenOrchestra = [] } of eventTypes) {
    for (const call of xenOrchestra) {
      assert.equal(canonicalFromXenOrchestra({ phase: 'post', ...call }), type, call.method);
    }
    assert.deepEqual(xenOrchestraFromCanonical(type), xenOrchestra);
  }
});

test('Xen Orchestra calls are told apart by phase, outcome and parameters', () => {
  const post = (method: string, more = {}) =>
    canonicalFromXenOrchestra({ method, phase: 'post', ...more });
  const pre = (method: string, more = {}) =>
    canonicalFromXenOrchestra({ method, phase: 'pre', ...more });
  assert.equal(post('vm.stop'), 'server.stopped');
  assert.equal(post('vm.stop', { params: { id: 'x', force: false } }), 'server.stopped');
  assert.equal(post('vm.stop', { params: { id: 'x', force: true } }), 'server.powered_off');
  assert.equal(pre('vm.stop', { params: { force: true } }), 'server.powered_off');
  assert.equal(pre('vm.migrate'), 'server.migration.started');
  assert.equal(post('vm.migrate'), 'server.migration.completed');
  assert.equal(post('vm.migrate', { failed: true }), 'server.migration.reverted');
  assert.equal(post('vm.migrate', { live: true }), 'server.migrated_live');
  assert.equal(post('vm.migrate', { live: true, failed: true }), 'server.migration.reverted');
  assert.equal(post('vm.warmMigration'), 'server.migration.completed');
  assert.equal(post('vm.clone'), 'server.created');
  assert.equal(post('vm.start', { failed: true }), 'server.started');
  assert.equal(post('backupNg.runJob'), 'server.backup.completed');
  assert.equal(pre('backupNg.runJob'), 'xo.backupng.runjob');
  assert.equal(post('vm.getHaValues'), 'xo.vm.gethavalues');
  assert.equal(post('VM.start'), 'xo.vm.start', 'methods are told apart by case');
});

test('suspended, hibernated and paused stay three things, and destroy is two', () => {
  assert.equal(canonicalFromVirtfusion('server.suspend'), 'server.suspended');
  assert.equal(
    canonicalFromXenOrchestra({ method: 'vm.suspend', phase: 'post' }),
    'server.hibernated',
  );
  assert.equal(canonicalFromXenOrchestra({ method: 'vm.pause', phase: 'post' }), 'server.paused');
  assert.equal(canonicalFromVirtfusion('server.destroy'), 'server.deleted');
});

test('every type is one that publishers may use, or our own alone; listed once and described', () => {
  for (const { type, description } of eventTypes) {
    if (isOwnType(type)) assert.throws(() => checkEventType(type), { code: 'reserved_type' });
    else checkEventType(type);
    assert.equal(checkTypePattern(type), undefined);
    assert.match(description, /^[A-Z].*[^.]$/);
  }
  assert.equal(new Set(eventTypes.map((entry) => entry.type)).size, eventTypes.length);
  assert.equal(findEventType('server.started')?.type, 'server.started');
  assert.equal(findEventType('constructor'), undefined);
});

test('a name of another system becomes a type that publishers may use, whatever it holds', () => {
  const names = [
    'package-updates',
    'a..b',
    '',
    '...',
    'Größe.ß',
    'x'.repeat(300),
    `${'a.'.repeat(99)}`,
  ];
  for (const name of names) checkEventType(carriedThroughType('proxmox', name));
  assert.equal(carriedThroughType('proxmox', 'package-updates'), 'proxmox.package_updates');
  assert.equal(carriedThroughType('proxmox', ''), 'proxmox.unknown');
  assert.equal(
    typeFromName('com.vmware.vsphere.VmPoweredOffEvent.v0'),
    'com.vmware.vsphere.vmpoweredoffevent.v0',
  );
  assert.equal(typeFromName('..'), 'unknown');
});
