import { CompiledQuery } from 'kysely';
import type pg from 'pg';
import {
  type AggregateEvent,
  appendToStream,
  type EventMetadata,
  VersionConflictError,
} from './aggregate-store.ts';
import type { Database } from './database.ts';

/** What runs statements: a client, the pool, or a transaction of actOnRecord(). */
export interface Statements {
  query<R extends pg.QueryResultRow>(statement: {
    /** Under which a client keeps it prepared. */
    readonly name: string;
    readonly text: string;
    readonly values: unknown[];
  }): Promise<{ readonly rows: R[] }>;
}

/** What was done; without an event nothing was, and nothing goes on record. */
export interface Acted<T> {
  readonly result: T;
  readonly event: AggregateEvent | undefined;
}

const TRIES_MAX = 5;

/**
 * Does something a person asked for, and appends the event that says so to the stream of what it was
 * done to, in one transaction. Somebody else may append to the stream meanwhile: it is all done anew
 * then, five times at most, so that `act` must do nothing but by its statements. Throws what `act`
 * throws, and VersionConflictError.
 */
export async function actOnRecord<T>(
  { kysely }: Database,
  record: { readonly stream: string; readonly metadata: EventMetadata },
  act: (statements: Statements) => Promise<Acted<T>>,
): Promise<T> {
  const { stream, metadata } = record;
  const runOnce = () =>
    kysely.transaction().execute(async (transaction) => {
      const { result, event } = await act(statementsOf(transaction));
      if (event === undefined) return result;
      const last = await transaction
        .selectFrom('hookline.stream_version')
        .select('version')
        .where('stream', '=', stream)
        .executeTakeFirst();
      const expectedVersion = last?.version ?? 0n;
      await appendToStream(transaction, { stream, expectedVersion, events: [event], metadata });
      return result;
    });
  for (let tries = 1; ; tries += 1) {
    try {
      return await runOnce();
    } catch (error) {
      if (!(error instanceof VersionConflictError) || tries === TRIES_MAX) throw error;
    }
  }
}

function statementsOf(transaction: Database['kysely']): Statements {
  return {
    query: ({ text, values }) => transaction.executeQuery(CompiledQuery.raw(text, values)),
  };
}
