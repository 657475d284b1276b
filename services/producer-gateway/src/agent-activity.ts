import { createPeriodic, type Lifecycle } from '@hookline/service-runtime';
import type { Logger } from '@hookline/telemetry';
import type pg from 'pg';
import type { Answer } from './ingest-batch.ts';

export interface AgentActivity extends Lifecycle {
  /** Takes note of who was heard, and of what; it is written down within some seconds. */
  note(answers: readonly Answer[]): void;
}

export interface AgentActivityOptions {
  readonly pool: pg.Pool;
  readonly logger: Logger;
  /** Pause between two writes, so no agent's row is written more often. */
  readonly intervalMs: number;
}

/** Agents that may wait to be written down; one more is left out, and noted when it is heard again. */
const AGENTS_MAX = 50_000;
/** Rows of one statement. */
const WRITE_ROWS_MAX = 1_000;

/** When an agent was heard, in milliseconds of a monotonic clock. */
interface Heard {
  readonly tenant: string;
  readonly host: string;
  seenAt: number;
  eventAt: number | undefined;
  heartbeatAt: number | undefined;
}

/**
 * Writes down when each agent was last heard, outside of every append: an upsert for each event would
 * cost as much as the event itself. What was noted and not written is lost in a crash, and made good
 * by the agent's next message.
 */
export function createAgentActivity(options: AgentActivityOptions): AgentActivity {
  const { pool, logger, intervalMs } = options;
  const heard = new Map<string, Heard>();

  const writeSome = async (): Promise<boolean> => {
    const rows = [...heard].slice(0, WRITE_ROWS_MAX);
    if (rows.length === 0) return false;
    // Taken away first: what is noted during the write is for the next one.
    for (const [key] of rows) heard.delete(key);
    try {
      await write(
        pool,
        rows.map(([, agent]) => agent),
      );
    } catch (error) {
      for (const [key, agent] of rows) if (!heard.has(key)) heard.set(key, agent);
      throw error;
    }
    return rows.length === WRITE_ROWS_MAX;
  };

  const periodic = createPeriodic({
    name: 'writing down when agents were heard',
    intervalMs,
    runOnce: writeSome,
    logger,
  });

  return {
    ...periodic,
    note(answers) {
      const now = performance.now();
      for (const { message, outcome } of answers) {
        if (outcome.kind === 'rejected') continue;
        const [, tenant = '', host = ''] = message.subject.split('.', 3);
        const key = `${tenant}.${host}`;
        let agent = heard.get(key);
        if (agent === undefined) {
          if (heard.size >= AGENTS_MAX) continue;
          agent = { tenant, host, seenAt: now, eventAt: undefined, heartbeatAt: undefined };
          heard.set(key, agent);
        }
        agent.seenAt = now;
        if (outcome.kind === 'appended') agent.eventAt = now;
        if (outcome.kind === 'heartbeat') agent.heartbeatAt = now;
      }
    },
    async stop() {
      await periodic.stop();
      // What is left is written if Postgres is there, and not worth waiting for if it is not.
      await writeSome().catch(() => {});
    },
  };
}

/** Times are Postgres's: it is told how long ago each agent was heard. Sorted, against deadlocks. */
async function write(pool: pg.Pool, agents: readonly Heard[]): Promise<void> {
  const now = performance.now();
  const secondsAgo = (at: number | undefined): number | null =>
    at === undefined ? null : (now - at) / 1000;
  await pool.query({
    name: 'record-agents',
    text: `INSERT INTO hookline.agent AS a (tenant, host, first_seen_at, last_seen_at, last_event_at, last_heartbeat_at)
      SELECT h.tenant, h.host, now() - make_interval(secs => h.seen), now() - make_interval(secs => h.seen),
        now() - make_interval(secs => h.event), now() - make_interval(secs => h.heartbeat)
      FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[], $5::float8[])
        AS h(tenant, host, seen, event, heartbeat)
      ORDER BY h.tenant, h.host
      ON CONFLICT (tenant, host) DO UPDATE SET
        last_seen_at = greatest(a.last_seen_at, excluded.last_seen_at),
        last_event_at = greatest(a.last_event_at, excluded.last_event_at),
        last_heartbeat_at = greatest(a.last_heartbeat_at, excluded.last_heartbeat_at)`,
    values: [
      agents.map(({ tenant }) => tenant),
      agents.map(({ host }) => host),
      agents.map(({ seenAt }) => secondsAgo(seenAt)),
      agents.map(({ eventAt }) => secondsAgo(eventAt)),
      agents.map(({ heartbeatAt }) => secondsAgo(heartbeatAt)),
    ],
  });
}
