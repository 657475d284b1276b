/** What a server is once an event of this type went well; undefined where the type does not say. */
export function statusAfter(type: string): string | undefined {
  return Object.hasOwn(STATUSES, type) ? STATUSES[type] : undefined;
}

const STATUSES: Readonly<Record<string, string>> = {
  'server.started': 'running',
  'server.rebooted': 'running',
  'server.resumed': 'running',
  'server.restored': 'running',
  'server.stopped': 'stopped',
  'server.powered_off': 'stopped',
  'server.paused': 'paused',
  'server.hibernated': 'hibernated',
  'server.suspended': 'suspended',
  'server.deleted': 'deleted',
};
