import type { Connection } from './connection.ts';

/** Who can close a free connection. */
export interface IdleOwner {
  evict(connection: Connection): void;
}

/**
 * The free connections of all origins, least recently used first. Beyond the bound the first is
 * closed, so that a process that talks to a hundred thousand hosts keeps the warm ones.
 */
export interface IdleConnections {
  add(connection: Connection, owner: IdleOwner): void;
  delete(connection: Connection): void;
  readonly size: () => number;
}

export function createIdleConnections(connectionsMax: number): IdleConnections {
  const owners = new Map<Connection, IdleOwner>();
  return {
    add(connection, owner) {
      owners.set(connection, owner);
      if (owners.size <= connectionsMax) return;
      for (const [oldest, itsOwner] of owners) {
        owners.delete(oldest);
        itsOwner.evict(oldest);
        return;
      }
    },
    delete(connection) {
      owners.delete(connection);
    },
    size: () => owners.size,
  };
}
