import type { EventType } from './event-types.ts';

/** Canonical types about users, the system, hypervisors and billing. */
export const platformEventTypes: readonly EventType[] = [
  {
    type: 'user.created',
    description: 'A user was created',
    data: 'user',
    virtfusion: [{ id: 25, name: 'user.create', successOnly: true }],
    xenOrchestra: [{ method: 'user.create' }],
  },
  {
    type: 'user.updated',
    description: 'A user was changed',
    data: 'userChange',
    virtfusion: [{ id: 26, name: 'user.modify', successOnly: true }],
    xenOrchestra: [{ method: 'user.set' }],
  },
  {
    type: 'user.deleted',
    description: 'A user was deleted',
    data: 'user',
    virtfusion: [{ id: 27, name: 'user.delete', successOnly: true }],
    xenOrchestra: [{ method: 'user.delete' }],
  },
  {
    type: 'system.backup.local',
    description: 'The platform was backed up to its own disk',
    data: 'systemBackup',
    virtfusion: [{ id: 28, name: 'system.backup.local' }],
  },
  {
    type: 'system.backup.scp',
    description: 'The platform was backed up to another machine',
    data: 'systemBackup',
    virtfusion: [{ id: 29, name: 'system.backup.scp' }],
  },
  {
    type: 'hypervisor.status.changed',
    description: 'A hypervisor was lost or came back',
    data: 'hypervisorStatus',
    virtfusion: [{ id: 30, name: 'system.monitor.hypervisor' }],
  },
  {
    type: 'hypervisor.stopped',
    description: 'A hypervisor was shut down',
    data: 'hypervisor',
    xenOrchestra: [{ method: 'host.stop' }],
  },
  {
    type: 'hypervisor.rebooted',
    description: 'A hypervisor was rebooted',
    data: 'hypervisor',
    xenOrchestra: [{ method: 'host.restart' }],
  },
  {
    type: 'hypervisor.emergency_shutdown',
    description: 'The servers of a hypervisor were suspended and it was shut down at once',
    data: 'hypervisor',
    xenOrchestra: [{ method: 'host.emergencyShutdownHost' }],
  },
  {
    type: 'hypervisor.fenced',
    description: 'A hypervisor was cut off by its cluster',
    data: 'hypervisor',
  },
  {
    type: 'hypervisor.maintenance.entered',
    description: 'A hypervisor was cleared for maintenance',
    data: 'hypervisor',
    xenOrchestra: [{ method: 'host.setMaintenanceMode', params: { maintenance: true } }],
  },
  {
    type: 'hypervisor.maintenance.exited',
    description: 'A hypervisor takes servers again after maintenance',
    data: 'hypervisor',
    xenOrchestra: [{ method: 'host.setMaintenanceMode', params: { maintenance: false } }],
  },
  {
    type: 'billing.payment.succeeded',
    description: 'A payment was processed',
    data: 'payment',
    cdhosting: 'billing.payment.succeeded',
  },
  {
    type: 'billing.payment.failed',
    description: 'A payment failed',
    data: 'payment',
    example: {
      payment: { id: 'pay_1', amount: '12.50', currency: 'EUR' },
      error: 'The card was declined',
    },
    cdhosting: 'billing.payment.failed',
  },
  {
    type: 'billing.subscription.cancelled',
    description: 'A subscription was cancelled',
    data: 'billedSubscription',
    cdhosting: 'billing.subscription.cancelled',
  },
];
