import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { HooklineSchema } from './schema.ts';

/** A pool of connections, with Kysely over it for what is not on the hot path. */
export interface Database extends AsyncDisposable {
  readonly pool: pg.Pool;
  readonly kysely: Kysely<HooklineSchema>;
  /** Waits for the queries under way and closes every connection. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  /** Role to take on each connection; services pass `hookline_service`. Default: the login role. */
  readonly role?: string;
  /** Default 8. A query over the bound waits for a connection, at most 10 s. */
  readonly maxConnections?: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string;
  /** Longest statement in milliseconds, default 30,000. */
  readonly statementTimeoutMs?: number;
  /**
   * Reads by indexes alone, and each by the one that finds rows, not by walking through another. A
   * statement planned while a table was empty, or not analysed yet as each day's new partition, would
   * else read all of it when it has become long: 33 ms instead of 0.4 for 25 events of 20,000.
   */
  readonly indexesOnly?: boolean;
  /** Hears of connections that break while idle; without it they are replaced silently. */
  readonly onError?: (error: Error) => void;
}

const INDEXES_ONLY = ['-c enable_seqscan=off', '-c cpu_index_tuple_cost=0.1'];

/** Opens a pool; no connection is made before the first query. int8 is read as bigint. */
export function openDatabase(options: DatabaseOptions): Database {
  const settings = [
    `-c statement_timeout=${options.statementTimeoutMs ?? 30_000}`,
    '-c idle_in_transaction_session_timeout=60000',
    '-c timezone=UTC',
    // Compiling a statement takes longer than any of ours runs.
    '-c jit=off',
    ...(options.role === undefined ? [] : [`-c role=${options.role}`]),
    ...(options.indexesOnly === true ? INDEXES_ONLY : []),
  ];
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections ?? 8,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    application_name: options.applicationName ?? 'hookline',
    options: settings.join(' '),
    types: { getTypeParser },
  });
  pool.on('error', (error) => options.onError?.(error));
  const kysely = new Kysely<HooklineSchema>({ dialect: new PostgresDialect({ pool }) });
  const close = () => kysely.destroy();
  return { pool, kysely, close, [Symbol.asyncDispose]: close };
}

const INT8 = 20;

const getTypeParser = ((oid: number, format?: 'text' | 'binary') =>
  oid === INT8 && format !== 'binary'
    ? BigInt
    : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser;
