import type { EventType } from './event-types.ts';

/** Canonical types about a server. */
export const serverEventTypes: readonly EventType[] = [
  {
    type: 'server.created',
    description: 'A server was provisioned',
    virtfusion: [{ id: 1, name: 'server.create' }],
    xenOrchestra: [
      { method: 'vm.create' },
      { method: 'vm.clone' },
      { method: 'vm.copy' },
      { method: 'vm.import' },
    ],
    cdhosting: 'server.created',
  },
  {
    type: 'server.deleted',
    description: 'A server was deleted',
    virtfusion: [{ id: 2, name: 'server.destroy' }],
    xenOrchestra: [{ method: 'vm.delete' }],
  },
  {
    type: 'server.built',
    description: 'An operating system was installed on a server',
    virtfusion: [{ id: 3, name: 'server.build' }],
  },
  {
    type: 'server.ipv6.assigned',
    description: 'IPv6 addresses were assigned to a server',
    virtfusion: [{ id: 4, name: 'server.assign.ipv6' }],
  },
  {
    type: 'server.ipv6.unassigned',
    description: 'IPv6 addresses were taken from a server',
    virtfusion: [{ id: 5, name: 'server.unassign.ipv6' }],
  },
  {
    type: 'server.powered_off',
    description: 'A server was powered off without a shutdown',
    virtfusion: [{ id: 6, name: 'server.poweroff' }],
    xenOrchestra: [{ method: 'vm.stop', params: { force: true } }],
    cdhosting: 'server.stopped',
  },
  {
    type: 'server.started',
    description: 'A server was powered on',
    virtfusion: [{ id: 7, name: 'server.boot' }],
    xenOrchestra: [{ method: 'vm.start' }, { method: 'vm.recoveryStart' }],
    cdhosting: 'server.started',
  },
  {
    type: 'server.rebooted',
    description: 'A server was rebooted',
    virtfusion: [{ id: 8, name: 'server.restart' }],
    xenOrchestra: [{ method: 'vm.restart' }, { method: 'vm.setAndRestart' }],
    cdhosting: 'server.rebooted',
  },
  {
    type: 'server.stopped',
    description: 'A server was shut down',
    virtfusion: [{ id: 9, name: 'server.shutdown' }],
    xenOrchestra: [{ method: 'vm.stop' }],
    cdhosting: 'server.stopped',
  },
  {
    type: 'server.suspended',
    description: 'A server was locked by an administrator',
    virtfusion: [{ id: 10, name: 'server.suspend' }],
  },
  {
    type: 'server.unsuspended',
    description: 'A server was unlocked by an administrator',
    virtfusion: [{ id: 11, name: 'server.unsuspend' }],
  },
  {
    type: 'server.cd.inserted',
    description: 'A disc image was inserted',
    virtfusion: [{ id: 12, name: 'server.insert.cd' }],
    xenOrchestra: [{ method: 'vm.insertCd' }],
  },
  {
    type: 'server.cd.ejected',
    description: 'A disc image was ejected',
    virtfusion: [{ id: 13, name: 'server.eject.cd' }],
    xenOrchestra: [{ method: 'vm.ejectCd' }],
  },
  {
    type: 'server.boot_order.changed',
    description: 'The boot order of a server was changed',
    virtfusion: [{ id: 14, name: 'server.change.boot.order' }],
    xenOrchestra: [{ method: 'vm.setBootOrder' }],
  },
  {
    type: 'server.vnc.enabled',
    description: 'VNC access to a server was enabled',
    virtfusion: [{ id: 15, name: 'server.enable.vnc' }],
  },
  {
    type: 'server.vnc.disabled',
    description: 'VNC access to a server was disabled',
    virtfusion: [{ id: 16, name: 'server.disable.vnc' }],
  },
  {
    type: 'server.password.reset',
    description: 'A password of a server was reset',
    virtfusion: [{ id: 17, name: 'server.reset.password' }],
  },
  {
    type: 'server.disk.trimmed',
    description: 'The disk of a server was trimmed',
    // The second is how the vendor's page prints it, and so what some have copied.
    virtfusion: [
      { id: 18, name: 'server.disk.trim' },
      { id: 18, name: 'sserver.disk.trim' },
    ],
  },
  {
    type: 'server.ipv4.assigned',
    description: 'IPv4 addresses were assigned to a server',
    virtfusion: [{ id: 19, name: 'server.assign.ipv4' }],
  },
  {
    type: 'server.ipv4.unassigned',
    description: 'IPv4 addresses were taken from a server',
    virtfusion: [{ id: 20, name: 'server.unassign.ipv4' }],
  },
  {
    type: 'server.migration.started',
    description: 'The migration of a server to another hypervisor began',
    virtfusion: [{ id: 21, name: 'server.migrate' }],
    xenOrchestra: [
      { method: 'vm.migrate', phase: 'pre' },
      { method: 'vm.warmMigration', phase: 'pre' },
    ],
  },
  {
    type: 'server.migration.completed',
    description: 'A server runs on the hypervisor it was migrated to',
    virtfusion: [{ id: 22, name: 'server.migrate.complete' }],
    xenOrchestra: [
      { method: 'vm.migrate', phase: 'post' },
      { method: 'vm.warmMigration', phase: 'post' },
    ],
  },
  {
    type: 'server.migration.reverted',
    description: 'The migration of a server failed; it is back where it was',
    virtfusion: [{ id: 23, name: 'server.migrate.revert' }],
    xenOrchestra: [{ method: 'vm.migrate', phase: 'post', failed: true }],
  },
  {
    type: 'server.migrated_live',
    description: 'A running server was migrated without a stop',
    virtfusion: [{ id: 31, name: 'server.migrate.live' }],
    xenOrchestra: [{ method: 'vm.migrate', phase: 'post', failed: false, live: true }],
  },
  { type: 'server.migration.progress', description: 'A migration made progress' },
  {
    type: 'server.backup.completed',
    description: 'A backup of a server finished',
    xenOrchestra: [{ method: 'backupNg.runJob', phase: 'post' }],
    cdhosting: 'server.backup.completed',
  },
  {
    type: 'server.error',
    description: 'Something went wrong with a server',
    cdhosting: 'server.error',
  },
  {
    type: 'server.paused',
    description: 'The processors of a server were stopped, its memory kept',
    xenOrchestra: [{ method: 'vm.pause' }],
  },
  {
    type: 'server.resumed',
    description: 'A paused or hibernated server runs again',
    xenOrchestra: [{ method: 'vm.resume' }],
  },
  {
    type: 'server.hibernated',
    description: 'The memory of a server was written to disk and the server stopped',
    xenOrchestra: [{ method: 'vm.suspend' }],
  },
  { type: 'server.restored', description: 'A server was started from its saved memory' },
  { type: 'server.crashed', description: 'The guest of a server crashed' },
  { type: 'server.io_error', description: 'A disk of a server failed to read or write' },
  { type: 'server.watchdog', description: 'The watchdog of a server fired' },
  {
    type: 'server.updated',
    description: 'The settings of a server were changed',
    xenOrchestra: [{ method: 'vm.set' }],
  },
  { type: 'server.resized', description: 'A server was given more or fewer resources' },
  { type: 'server.renamed', description: 'A server was renamed' },
  {
    type: 'server.snapshot.created',
    description: 'A snapshot of a server was taken',
    xenOrchestra: [{ method: 'vm.snapshot' }],
  },
  {
    type: 'server.snapshot.reverted',
    description: 'A server was set back to a snapshot',
    xenOrchestra: [{ method: 'vm.revert' }],
  },
  { type: 'server.snapshot.deleted', description: 'A snapshot of a server was deleted' },
  {
    type: 'server.device.added',
    description: 'A device was attached to a server',
    xenOrchestra: [
      { method: 'vm.attachDisk' },
      { method: 'vm.attachPcis' },
      { method: 'vm.createInterface' },
      { method: 'vm.createVgpu' },
    ],
  },
  {
    type: 'server.device.removed',
    description: 'A device was detached from a server',
    xenOrchestra: [{ method: 'vm.detachPcis' }, { method: 'vm.deleteVgpu' }],
  },
  {
    type: 'server.guest_agent.connected',
    description: 'The guest agent of a server answers',
  },
  {
    type: 'server.guest_agent.disconnected',
    description: 'The guest agent of a server no longer answers',
  },
];
