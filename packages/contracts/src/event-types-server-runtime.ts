import type { EventType } from './event-types.ts';

/** Canonical types about migrations, backups, faults, snapshots and devices of a server. */
export const serverRuntimeEventTypes: readonly EventType[] = [
  {
    type: 'server.migration.started',
    description: 'The migration of a server to another hypervisor began',
    data: 'migration',
    virtfusion: [{ id: 21, name: 'server.migrate' }],
    xenOrchestra: [
      { method: 'vm.migrate', phase: 'pre' },
      { method: 'vm.warmMigration', phase: 'pre' },
    ],
  },
  {
    type: 'server.migration.completed',
    description: 'A server runs on the hypervisor it was migrated to',
    data: 'migration',
    virtfusion: [{ id: 22, name: 'server.migrate.complete' }],
    xenOrchestra: [
      { method: 'vm.migrate', phase: 'post' },
      { method: 'vm.warmMigration', phase: 'post' },
    ],
  },
  {
    type: 'server.migration.reverted',
    description: 'The migration of a server failed; it is back where it was',
    data: 'migration',
    virtfusion: [{ id: 23, name: 'server.migrate.revert' }],
    xenOrchestra: [{ method: 'vm.migrate', phase: 'post', failed: true }],
  },
  {
    type: 'server.migrated_live',
    description: 'A running server was migrated without a stop',
    data: 'migration',
    virtfusion: [{ id: 31, name: 'server.migrate.live' }],
    xenOrchestra: [{ method: 'vm.migrate', phase: 'post', failed: false, live: true }],
  },
  {
    type: 'server.migration.progress',
    description: 'A migration made progress',
    data: 'migration',
    example: { migration: { progress: 42.5, live: true } },
  },
  {
    type: 'server.backup.completed',
    description: 'A backup of a server finished',
    data: 'backup',
    xenOrchestra: [{ method: 'backupNg.runJob', phase: 'post' }],
    cdhosting: 'server.backup.completed',
  },
  {
    type: 'server.error',
    description: 'Something went wrong with a server',
    data: 'failure',
    cdhosting: 'server.error',
  },
  {
    type: 'server.paused',
    description: 'The processors of a server were stopped, its memory kept',
    data: 'server',
    example: { status: 'paused' },
    xenOrchestra: [{ method: 'vm.pause' }],
  },
  {
    type: 'server.resumed',
    description: 'A paused or hibernated server runs again',
    data: 'server',
    xenOrchestra: [{ method: 'vm.resume' }],
  },
  {
    type: 'server.hibernated',
    description: 'The memory of a server was written to disk and the server stopped',
    data: 'server',
    example: { status: 'hibernated' },
    xenOrchestra: [{ method: 'vm.suspend' }],
  },
  {
    type: 'server.restored',
    description: 'A server was started from its saved memory',
    data: 'server',
  },
  {
    type: 'server.crashed',
    description: 'The guest of a server crashed',
    data: 'failure',
    example: { status: 'crashed', error: 'The guest panicked' },
  },
  {
    type: 'server.io_error',
    description: 'A disk of a server failed to read or write',
    data: 'ioError',
  },
  { type: 'server.watchdog', description: 'The watchdog of a server fired', data: 'watchdog' },
  {
    type: 'server.updated',
    description: 'The settings of a server were changed',
    data: 'settings',
    xenOrchestra: [{ method: 'vm.set' }],
  },
  {
    type: 'server.resized',
    description: 'A server was given more or fewer resources',
    data: 'resources',
  },
  { type: 'server.renamed', description: 'A server was renamed', data: 'renaming' },
  {
    type: 'server.snapshot.created',
    description: 'A snapshot of a server was taken',
    data: 'snapshot',
    xenOrchestra: [{ method: 'vm.snapshot' }],
  },
  {
    type: 'server.snapshot.reverted',
    description: 'A server was set back to a snapshot',
    data: 'snapshot',
    xenOrchestra: [{ method: 'vm.revert' }],
  },
  {
    type: 'server.snapshot.deleted',
    description: 'A snapshot of a server was deleted',
    data: 'snapshot',
  },
  {
    type: 'server.device.added',
    description: 'A device was attached to a server',
    data: 'device',
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
    data: 'device',
    xenOrchestra: [{ method: 'vm.detachPcis' }, { method: 'vm.deleteVgpu' }],
  },
  {
    type: 'server.guest_agent.connected',
    description: 'The guest agent of a server answers',
    data: 'server',
  },
  {
    type: 'server.guest_agent.disconnected',
    description: 'The guest agent of a server no longer answers',
    data: 'server',
  },
];
