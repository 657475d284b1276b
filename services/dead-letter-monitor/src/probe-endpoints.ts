import {
  decodePingReply,
  deliveryId,
  encodePing,
  newId,
  PING_WAIT_MS_MAX,
} from '@hookline/contracts';
import { type Database, listAttemptsOfDelivery } from '@hookline/event-log';
import type { Reply } from '@hookline/messaging';
import type { Logger } from '@hookline/telemetry';
import type { Subscriptions } from './handle-dead-letters.ts';
import { claimProbes, type DueProbe, noteProbed } from './postgres/probes.ts';

/** Asks one dispatcher for a ping and waits for its answer. */
export type Ping = (question: string, timeoutMs: number) => Promise<Reply>;

export interface ProberDeps {
  readonly database: Database;
  readonly subscriptions: Pick<Subscriptions, 'find' | 'enable'>;
  readonly ping: Ping;
  readonly logger: Logger;
}

const AT_ONCE = 8;

/**
 * Asks the endpoints of subscriptions that failures disabled, and that ask to be probed, whether they
 * take deliveries again: by a ping, which is on record as any attempt. One that succeeds enables its
 * subscription. True when there may be more.
 */
export async function probeEndpoints(deps: ProberDeps): Promise<boolean> {
  const due = await claimProbes(deps.database.kysely, AT_ONCE);
  await Promise.all(due.map((probe) => probeOne(deps, probe)));
  return due.length === AT_ONCE;
}

async function probeOne(deps: ProberDeps, probe: DueProbe): Promise<void> {
  const { database, subscriptions, logger } = deps;
  const { tenant, subscription_id: subscriptionId, incident_id: incidentId, probes } = probe;
  const name = { tenant, subscriptionId };
  const subscription = await subscriptions.find(name);
  if (subscription?.state !== 'disabled' || !subscription.isProbed) return;
  const about = { tenant, subscription_id: subscriptionId, probes };
  if (!(await succeeds(deps, name))) {
    logger.info(about, `${subscriptionId} stays disabled: its endpoint failed a probe`);
    return;
  }
  await noteProbed(database.kysely, incidentId);
  await subscriptions.enable(name);
  logger.info(about, `${subscriptionId} was enabled: its endpoint answered a probe`);
}

/** Whether the attempt that the ping made is on record as a success. */
async function succeeds(
  { database, ping }: ProberDeps,
  name: { readonly tenant: string; readonly subscriptionId: string },
): Promise<boolean> {
  const { tenant, subscriptionId } = name;
  const eventId = newId('evt');
  const expiresAtMs = Date.now() + PING_WAIT_MS_MAX;
  const question = encodePing({ tenant, subscriptionId, eventId, expiresAtMs });
  const reply = await ping(question, PING_WAIT_MS_MAX);
  if (reply.kind !== 'answered' || decodePingReply(reply.text).kind !== 'attempted') return false;
  const [attempt] = await listAttemptsOfDelivery(database.kysely, {
    tenant,
    deliveryId: deliveryId(eventId, subscriptionId),
  });
  return attempt?.outcome === 'succeeded';
}
