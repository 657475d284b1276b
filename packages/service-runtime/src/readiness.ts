import type { StreamDefinition } from '@hookline/contracts';
import type { Database } from '@hookline/event-log';
import type { Nats } from '@hookline/messaging';
import type { ReadinessCheck } from './health-server.ts';

/** That Postgres answers, and that the log can be appended to there. */
export function logIsWritable({ pool }: Pick<Database, 'pool'>): ReadinessCheck {
  return async () => {
    const { rows } = await pool.query<{ read_only: boolean; may_append: boolean }>({
      name: 'log-is-writable',
      text: `SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean AS read_only,
          has_table_privilege('hookline.event_log', 'INSERT') AS may_append`,
    });
    if (rows[0]?.read_only !== false) throw new Error('the database takes no writes');
    if (!rows[0].may_append) throw new Error('the role may not append to hookline.event_log');
  };
}

/** That NATS answers, and that it has the streams. */
export function streamsAreThere(
  nats: Pick<Nats, 'isConnected' | 'manager'>,
  names: readonly StreamDefinition['name'][],
): ReadinessCheck {
  return async () => {
    if (!nats.isConnected()) throw new Error('not connected');
    for (const name of names) {
      await nats.manager.streams.info(name).catch((error: unknown) => {
        throw new Error(`stream ${name}: ${error instanceof Error ? error.message : error}`);
      });
    }
  };
}
