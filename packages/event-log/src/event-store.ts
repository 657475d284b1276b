import { type AggregateEvent, appendToStream, type EventMetadata } from './aggregate-store.ts';
import {
  type Appended,
  type AppendOptions,
  appendEvents,
  type EventToAppend,
} from './append-events.ts';
import type { Database } from './database.ts';
import type { LogCheckpoint, LoggedEvent } from './logged-event.ts';
import { type LogPage, readLog, readStreamEvents } from './read-log.ts';
import { createUpcasters, type Upcasters } from './upcasters.ts';

/**
 * The event log behind one narrow face, for what is to be tested without Postgres. Both
 * implementations pass the same tests, see event-store-contract.ts.
 */
export interface EventStore {
  /** As appendEvents(): events of servers, each message once, numbered within its line. */
  appendEvents(events: readonly EventToAppend[]): Promise<Appended[]>;
  /** As appendToStream(): events of one aggregate, at the expected version or not at all. */
  appendToStream(append: {
    readonly stream: string;
    readonly expectedVersion: bigint;
    readonly events: readonly AggregateEvent[];
    readonly metadata: EventMetadata;
  }): Promise<bigint>;
  /** Events of one stream after a version, at most `limit`, in their newest shape. */
  readStream(query: {
    readonly stream: string;
    readonly afterVersion?: bigint;
    readonly limit?: number;
  }): Promise<LoggedEvent[]>;
  /** Events of all streams after a checkpoint, in the order of the log, in their newest shape. */
  readLog(query: { readonly after: LogCheckpoint; readonly limit?: number }): Promise<LogPage>;
}

/** The store in Postgres. It holds nothing that has to be closed. */
export function createEventStore(
  database: Database,
  options: AppendOptions & { readonly upcasters?: Upcasters },
): EventStore {
  const { upcast } = options.upcasters ?? createUpcasters();
  return {
    appendEvents: (events) => appendEvents(database.pool, events, options),
    appendToStream: (append) =>
      database.kysely.transaction().execute((transaction) => appendToStream(transaction, append)),
    readStream: async (query) => (await readStreamEvents(database.pool, query)).map(upcast),
    async readLog(query) {
      const page = await readLog(database.pool, query);
      return { ...page, events: page.events.map(upcast) };
    },
  };
}
