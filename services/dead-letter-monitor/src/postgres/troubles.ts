import type { HooklineSchema } from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';
import { OPERATOR_TENANT, type Showing } from '../domain/incident.ts';

/** What goes on now, of one kind: an incident of it that is not among these is over. */
export type ReadTroubles = (db: Kysely<HooklineSchema>) => Promise<Showing[]>;

/** Of one kind; what is beyond is not told apart any more. */
const TROUBLES_MAX = 1_000;
/** An agent that sends heartbeats is silent after so long without anything. */
const SILENT_AFTER = '5 minutes';
/** One that has not been heard for so long is not expected back. */
const GONE_AFTER = '30 days';

/**
 * Agents that sent heartbeats and are not heard any more. Of one that never did it is not known how
 * often it has something to say. Nothing is said while no gateway reads, since nobody is heard then.
 */
export const silentAgents: ReadTroubles = async (db) => {
  const { rows } = await sql<{ tenant: string; host: string; last_seen_at: Date }>`
    SELECT a.tenant, a.host, a.last_seen_at FROM hookline.agent a
    JOIN hookline.tenant t ON t.name = a.tenant AND t.deleted_at IS NULL
    WHERE a.last_heartbeat_at IS NOT NULL AND a.last_seen_at < now() - ${SILENT_AFTER}::interval
      AND a.last_seen_at > now() - ${GONE_AFTER}::interval
      AND EXISTS (SELECT FROM hookline.lease l WHERE l.name LIKE 'ingest%' AND l.expires_at > now())
      AND NOT (EXISTS (SELECT FROM hookline.agent_credential c WHERE c.tenant = a.tenant AND c.host = a.host)
        AND NOT EXISTS (SELECT FROM hookline.agent_credential c
          WHERE c.tenant = a.tenant AND c.host = a.host AND c.revoked_at IS NULL))
    ORDER BY a.last_seen_at LIMIT ${TROUBLES_MAX}`.execute(db);
  return rows.map(({ tenant, host, last_seen_at: lastSeenAt }) => ({
    tenant,
    kind: 'agent_silent',
    groupKey: `silent/${host}`,
    host,
    cause: 'silent',
    summary: `The agent of host ${host} was last heard ${lastSeenAt.toISOString()}`,
    suggestion:
      'See whether the host and its agent run, and reach NATS with valid credentials. One that is gone for good: revoke its credentials.',
    count: 1,
    firstAt: lastSeenAt,
    lastAt: new Date(),
  }));
};

const STUCK_AFTER = '5 minutes';
/** The oldest events of the outbox that are looked at. */
const OUTBOX_LOOKED_AT_MAX = 100_000;

/** Accepted events that no dispatcher has settled for long. */
export const stuckOutbox: ReadTroubles = async (db) => {
  const { rows } = await sql<{ tenant: string; count: bigint; since: Date }>`
    SELECT split_part(line, '/', 1) AS tenant, count(*) AS count, min(recorded_at) AS since
    FROM (SELECT line, recorded_at FROM hookline.outbox
      ORDER BY position LIMIT ${OUTBOX_LOOKED_AT_MAX}) AS oldest
    WHERE recorded_at < now() - ${STUCK_AFTER}::interval
    GROUP BY 1 ORDER BY 1 LIMIT ${TROUBLES_MAX}`.execute(db);
  return rows.map(({ tenant, count, since }) => ({
    tenant,
    kind: 'outbox_stuck',
    groupKey: 'outbox',
    cause: 'not_dispatched',
    summary: `${count} accepted events wait to be dispatched since ${since.toISOString()}`,
    suggestion:
      'See whether a dispatcher runs and is ready, and whether NATS takes publishes (stream EVENTS). Nothing is lost: they are dispatched when it does.',
    count: Number(count),
    firstAt: since,
    lastAt: new Date(),
  }));
};

/** A head that has failed for so long is told, though it is tried again. */
const FAILING_AFTER = '1 hour';

/** Lines of ordered subscriptions that are held up by their head. */
export const stuckHeads: ReadTroubles = async (db) => {
  const { rows } = await sql<{
    tenant: string;
    subscription_id: string;
    blocked: boolean;
    count: bigint;
    since: Date;
  }>`
    SELECT s.tenant, s.subscription_id, s.held AS blocked, count(*) AS count, min(s.first_attempt_at) AS since
    FROM hookline.schedule s JOIN hookline.subscription u ON u.subscription_id = s.subscription_id
    WHERE s.ordered AND s.first_attempt_at IS NOT NULL AND u.state <> 'deleted'
      AND (s.held AND s.due_at = 'infinity'
        OR NOT s.held AND s.first_attempt_at < now() - ${FAILING_AFTER}::interval)
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT ${TROUBLES_MAX}`.execute(db);
  return rows.map(({ tenant, subscription_id: subscriptionId, blocked, count, since }) => {
    const cause = blocked ? 'blocked' : 'failing';
    return {
      tenant,
      kind: 'ordered_head_stuck',
      groupKey: `head/${subscriptionId}/${cause}`,
      subscriptionId,
      cause,
      summary: `${count} lines of an ordered webhook are held up by their first delivery since ${since.toISOString()}`,
      suggestion: blocked
        ? 'It has used up its attempts: mend the endpoint and retry it (RetryDelivery), or skip it (SkipOrderedHead).'
        : 'It is tried again: mend the endpoint, or skip it (SkipOrderedHead).',
      count: Number(count),
      firstAt: since,
      lastAt: new Date(),
    };
  });
};

/** A projection that somebody follows the log with, and that is behind it, is the operator's trouble. */
export const laggingProjections: ReadTroubles = async (db) => {
  const { rows } = await sql<{ name: string; updated_at: Date; behind: bigint }>`
    SELECT p.name, p.updated_at, q.last_value - split_part(p.checkpoint, ':', 3)::bigint AS behind
    FROM hookline.projection p JOIN hookline.lease l ON l.name = 'projection:' || p.name
    CROSS JOIN hookline.event_position q
    WHERE p.slot = 'live' AND p.updated_at < now() - ${STUCK_AFTER}::interval
      AND split_part(p.checkpoint, ':', 3)::bigint < q.last_value
    ORDER BY p.name LIMIT ${TROUBLES_MAX}`.execute(db);
  return rows.map(({ name, updated_at: updatedAt, behind }) => ({
    tenant: OPERATOR_TENANT,
    kind: 'projection_lagging',
    groupKey: `projection/${name}`,
    cause: name,
    summary: `The read model ${name} stands at ${updatedAt.toISOString()} and is ${behind} positions behind the log`,
    suggestion: `See the log of the service that folds it; rebuild it: npx pnpm projections rebuild ${name}`,
    count: 1,
    firstAt: updatedAt,
    lastAt: new Date(),
  }));
};

/** Given up ones are shown for so long. */
const FAILED_SHOWN_FOR = '7 days';

/** Mails that could not be handed over. Nobody is mailed about these. */
export const failedNotifications: ReadTroubles = async (db) => {
  const { rows } = await sql<{ tenant: string; count: bigint; since: Date; error: string }>`
    SELECT tenant, count(*) AS count, min(created_at) AS since,
      (array_agg(error ORDER BY tried_at DESC NULLS LAST))[1] AS error
    FROM hookline.notification
    WHERE sent_at IS NULL AND error IS NOT NULL AND created_at > now() - ${FAILED_SHOWN_FOR}::interval
    GROUP BY tenant ORDER BY tenant LIMIT ${TROUBLES_MAX}`.execute(db);
  return rows.map(({ tenant, count, since, error }) => ({
    tenant,
    kind: 'notification_failed',
    groupKey: 'notifications',
    cause: 'mail',
    summary: `${count} mails could not be handed over, the last time: ${error}`,
    suggestion:
      'The operator looks at HOOKLINE_SMTP_URL and the mail server; they are tried again for two days, by themselves.',
    count: Number(count),
    firstAt: since,
    lastAt: new Date(),
  }));
};
