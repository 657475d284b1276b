/** How much it matters: the colour of the message. */
export type Severity = 'good' | 'info' | 'warning' | 'bad';

/** What is said of the thing that an event is about, in the three ways in which it can be said. */
export interface Phrase {
  /** After the fact: `was started`. */
  readonly done: string;
  /** Before it: `is about to be started`. */
  readonly coming: string;
  /** When it went wrong: `could not be started`. */
  readonly failed: string;
  /** When it went well. */
  readonly severity: Severity;
  /** For want of a name. */
  readonly noun: string;
}

type Entry = Omit<Phrase, 'noun'> & { readonly noun?: string };

/** What is done to it: `started` is "was started", "could not be started". */
function passive(participle: string, severity: Severity = 'info'): Entry {
  return {
    done: `was ${participle}`,
    coming: `is about to be ${participle}`,
    failed: `could not be ${participle}`,
    severity,
  };
}

/** What befalls it, of which there is no trying. */
function befalls(done: string, severity: Severity): Entry {
  return { done, coming: `is about to be seen: ${done}`, failed: done, severity };
}

const phrases: Readonly<Record<string, Entry>> = {
  'server.created': passive('created', 'good'),
  'server.deleted': passive('deleted', 'warning'),
  'server.built': passive('built', 'good'),
  'server.ipv6.assigned': passive('given IPv6 addresses'),
  'server.ipv6.unassigned': passive('relieved of IPv6 addresses'),
  'server.powered_off': passive('powered off', 'warning'),
  'server.started': passive('started', 'good'),
  'server.rebooted': passive('rebooted'),
  'server.stopped': passive('shut down'),
  'server.suspended': passive('suspended by an administrator', 'warning'),
  'server.unsuspended': passive('released from suspension', 'good'),
  'server.cd.inserted': passive('given a disc image'),
  'server.cd.ejected': passive('relieved of its disc image'),
  'server.boot_order.changed': passive('given another boot order'),
  'server.vnc.enabled': passive('opened for VNC'),
  'server.vnc.disabled': passive('closed for VNC'),
  'server.password.reset': passive('given a new password'),
  'server.disk.trimmed': passive('trimmed on disk'),
  'server.ipv4.assigned': passive('given IPv4 addresses'),
  'server.ipv4.unassigned': passive('relieved of IPv4 addresses'),
  'server.migration.started': {
    done: 'is being migrated',
    coming: 'is about to be migrated',
    failed: 'could not begin its migration',
    severity: 'info',
  },
  'server.migration.completed': passive('migrated', 'good'),
  'server.migration.reverted': {
    done: 'is back where it was: its migration failed',
    coming: 'is about to be brought back from its migration',
    failed: 'is back where it was: its migration failed',
    severity: 'warning',
  },
  'server.migrated_live': passive('migrated without a stop', 'good'),
  'server.migration.progress': befalls('is being migrated', 'info'),
  'server.backup.completed': passive('backed up', 'good'),
  'server.error': befalls('has an error', 'bad'),
  'server.paused': passive('paused'),
  'server.resumed': passive('resumed', 'good'),
  'server.hibernated': passive('hibernated'),
  'server.restored': passive('restored', 'good'),
  'server.crashed': befalls('crashed', 'bad'),
  'server.io_error': befalls('had a disk error', 'bad'),
  'server.watchdog': befalls('was caught by its watchdog', 'warning'),
  'server.updated': passive('changed'),
  'server.resized': passive('resized'),
  'server.renamed': passive('renamed'),
  'server.snapshot.created': passive('snapshotted', 'good'),
  'server.snapshot.reverted': passive('set back to a snapshot'),
  'server.snapshot.deleted': passive('relieved of a snapshot'),
  'server.device.added': passive('given a device'),
  'server.device.removed': passive('relieved of a device'),
  'server.guest_agent.connected': befalls('answers through its guest agent', 'good'),
  'server.guest_agent.disconnected': befalls(
    'no longer answers through its guest agent',
    'warning',
  ),
  'user.created': passive('created', 'good'),
  'user.updated': passive('changed'),
  'user.deleted': passive('deleted', 'warning'),
  'system.backup.local': passive('backed up to its own disk', 'good'),
  'system.backup.scp': passive('backed up to another machine', 'good'),
  'hypervisor.status.changed': befalls('changed its status', 'warning'),
  'hypervisor.stopped': passive('shut down', 'warning'),
  'hypervisor.rebooted': passive('rebooted', 'warning'),
  'hypervisor.emergency_shutdown': passive('shut down in an emergency', 'bad'),
  'hypervisor.fenced': passive('cut off by its cluster', 'bad'),
  'hypervisor.maintenance.entered': passive('cleared for maintenance'),
  'hypervisor.maintenance.exited': passive('taken back from maintenance', 'good'),
  'billing.payment.succeeded': { ...passive('processed', 'good'), noun: 'A payment' },
  'billing.payment.failed': { ...befalls('failed', 'bad'), noun: 'A payment' },
  'billing.subscription.cancelled': { ...passive('cancelled', 'warning'), noun: 'A subscription' },
  'hookline.subscription.disabled': { ...passive('disabled', 'bad'), noun: 'A webhook' },
  'hookline.subscription.recovered': { ...passive('enabled again', 'good'), noun: 'A webhook' },
  'hookline.delivery.dead': { ...passive('given up', 'bad'), noun: 'A delivery' },
  'hookline.ingest.rejected': { ...passive('rejected', 'warning'), noun: 'A published message' },
  'hookline.ping': { ...befalls('says hello: this is a test', 'info'), noun: 'Hookline' },
};

const nouns: Readonly<Record<string, string>> = {
  server: 'A server',
  user: 'A user',
  hypervisor: 'A hypervisor',
  system: 'The platform',
};

/** The words for a type; undefined for one that has none of its own. */
export function phraseOf(type: string): Phrase | undefined {
  if (!Object.hasOwn(phrases, type)) return undefined;
  const entry = phrases[type];
  return entry && { noun: nouns[type.split('.')[0] ?? ''] ?? 'Something', ...entry };
}
