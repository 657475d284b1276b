/** One event of the server's life, as its agent publishes it. */
export interface LifeEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Default: success. */
  readonly status?: 'fail';
  /** What a person reads about it. */
  readonly note: string;
  /** The type under which CDHosting's receivers hear of it; undefined when they did not ask for it. */
  readonly cdhostingType?: string;
}

/** The event at which the receiver answers 500 once. */
export const RETRIED_TYPE = 'server.backup.completed';

/** A server from its creation to its end, with one start that fails. */
export function serverLife(serverId: string): readonly LifeEvent[] {
  const name = 'demo-web-01';
  const server = { server_id: serverId, name };
  const address = '192.0.2.10';
  return [
    {
      type: 'server.created',
      data: { ...server, status: 'stopped', vcpus: 2, memory_mb: 4096, disk_gb: 40 },
      note: 'it is created',
    },
    {
      type: 'server.ipv4.assigned',
      data: { ...server, ip: address },
      note: 'it is given an address',
    },
    {
      type: 'server.started',
      data: { ...server, status: 'running', ip: address },
      note: 'it starts',
      cdhostingType: 'server.started',
    },
    {
      type: 'server.migrated_live',
      data: { ...server, status: 'running', from: 'node-1', to: 'node-2', downtime_ms: 38 },
      note: 'it moves to another node while it runs',
    },
    {
      type: RETRIED_TYPE,
      data: { ...server, backup_id: 'nightly-1', size_bytes: 9_663_676_416, duration_s: 74.5 },
      note: 'a backup of it is complete (the receiver answers 500 once)',
    },
    {
      type: 'server.stopped',
      data: { ...server, status: 'stopped' },
      note: 'it is shut down',
      cdhostingType: 'server.stopped',
    },
    {
      type: 'server.started',
      data: { ...server, status: 'stopped', error: 'not enough memory on the node' },
      status: 'fail',
      note: 'it is to start again, and fails',
      cdhostingType: 'server.error',
    },
    {
      type: 'server.deleted',
      data: server,
      note: 'it is deleted',
    },
  ];
}
