import { setTimeout as delay } from 'node:timers/promises';
import { connectAgent } from '@hookline/agent';
import type { Endpoints } from '@hookline/local-stack';
import { eventually } from '@hookline/testing';

/** What the demo's receiver shows of itself. */
export interface Received {
  readonly verified: number;
  readonly refused: number;
  readonly eventIds: readonly string[];
}

/** Events published one after the other, for as long as it goes on. */
export interface Traffic {
  /** Stops publishing; resolves with the ids of the events, each confirmed. */
  stop(): Promise<readonly string[]>;
}

/** Twenty a second: some are under way at the moment of a kill, and a slow machine follows. */
const EVERY_MS = 50;
const CONFIRMED_TIMEOUT_MS = 180_000;
const ARRIVED_TIMEOUT_MS = 240_000;

/** Publishes as an agent of the host does, from outside the containers. */
export async function startTraffic({ nats, natsCreds }: Endpoints): Promise<Traffic> {
  const agent = await connectAgent({ servers: nats, credsPath: natsCreds ?? '', name: 'traffic' });
  const outcomes: Promise<string>[] = [];
  const stopped = new AbortController();
  const run = `traffic-${Date.now().toString(36)}`;

  const publishing = (async () => {
    while (!stopped.signal.aborted) {
      const number = outcomes.length + 1;
      const outcome = agent
        .publish({
          type: 'server.started',
          data: { server_id: `srv_${number}`, name: `traffic-${number}`, status: 'running' },
          id: `${run}-${number}`,
        })
        .then((result) => {
          if (result.kind === 'rejected') throw new Error(`event ${number}: ${result.reason}`);
          return result.eventId;
        });
      // It is looked at when publishing is over.
      outcome.catch(() => {});
      outcomes.push(outcome);
      await delay(EVERY_MS, undefined, { signal: stopped.signal }).catch(() => {});
    }
  })();

  return {
    async stop() {
      stopped.abort();
      await publishing;
      const unconfirmed = await agent.close({ timeoutMs: CONFIRMED_TIMEOUT_MS });
      if (unconfirmed.length > 0)
        throw new Error(`${unconfirmed.length} events were not confirmed`);
      return Promise.all(outcomes);
    },
  };
}

/** What arrived at the demo's receiver so far. */
export async function readReceived(receiver: string): Promise<Received> {
  const response = await fetch(receiver, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${receiver} answered ${response.status}`);
  return (await response.json()) as Received;
}

/** Resolves when every one of the events arrived, verified; throws with how many did not. */
export function allArrived(receiver: string, ids: readonly string[]): Promise<Received> {
  return eventually(
    async () => {
      const received = await readReceived(receiver);
      const there = new Set(received.eventIds);
      const missing = ids.filter((id) => !there.has(id));
      if (missing.length === 0) return received;
      throw new Error(
        `${missing.length} of ${ids.length} events did not arrive, the first is ${missing[0]}`,
      );
    },
    { timeoutMs: ARRIVED_TIMEOUT_MS, intervalMs: 500 },
  );
}
