import { type Agent, connectAgent } from '@hookline/agent';
import type { Endpoints } from '@hookline/local-stack';
import type { LifeEvent } from './server-life.ts';

const HOST = 'node-1';

/** The agent that the stack minted credentials for. Whatever it does, it does over NATS alone. */
export function connectDemoAgent({ nats, natsCreds, tenant }: Endpoints): Promise<Agent> {
  return connectAgent({
    servers: nats,
    name: 'demo-agent',
    // A NATS that is not the stack's own trusts its agents, and there are no credentials.
    ...(natsCreds === null ? { identity: { tenant, host: HOST } } : { credsPath: natsCreds }),
  });
}

/** Publishes and waits for the confirmation that the event is in the log. Throws when it is rejected. */
export async function publishLife(
  agent: Agent,
  { type, data, status }: LifeEvent,
  sourceId: string,
): Promise<string> {
  const outcome = await agent.publish({
    type,
    data,
    id: sourceId,
    ...(status !== undefined && { status }),
  });
  if (outcome.kind === 'rejected') throw new Error(`${type} was rejected: ${outcome.reason}`);
  return outcome.eventId;
}
