import type { Database } from '@hookline/event-log';
import { createPeriodic } from '@hookline/service-runtime';
import type { Logger } from '@hookline/telemetry';
import type { Bulkheads } from './bulkheads.ts';
import { DEAD_AFTER_MS } from './postgres/claims.ts';
import { type Hold, holdEndpoints } from './postgres/endpoint-holds.ts';
import {
  countDispatchers,
  forgetEndpointStates,
  writeEndpointStates,
} from './postgres/endpoint-states.ts';

export interface EndpointKeeperDeps {
  readonly database: Database;
  readonly dispatcherId: string;
  readonly bulkheads: Bulkheads;
  readonly logger: Logger;
  /** Backlogs were let go, and that is committed. */
  readonly onFreed: () => void;
}

/** How old the state of an endpoint may be where others see it. */
const SHOW_EVERY_MS = 5_000;
const HOLD_EVERY_MS = 1_000;
/** For so long a new dispatcher adds to the rates of the others, and one that died is missed. */
const COUNT_EVERY_MS = 1_000;
/** Of one statement. */
const HOLDS_MAX = 500;
const STATES_MAX = 1_000;

export interface EndpointKeeper {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** An endpoint is held back from now on, or let go: its backlog is to follow. */
  hold(id: string): void;
}

/**
 * Writes down what the bulkheads decide: holds of backlogs at once, which is what other dispatchers
 * go by; states of endpoints every five seconds, for health to be read, and only those that changed.
 * Learns how many dispatchers share a limit of rate.
 */
export function createEndpointKeeper(deps: EndpointKeeperDeps): EndpointKeeper {
  const { bulkheads, dispatcherId, logger } = deps;
  const { pool } = deps.database;
  const toHold = new Set<string>();
  const toShow = new Set<string>();

  async function holdSome(): Promise<boolean> {
    const ids = [...toHold].slice(0, HOLDS_MAX);
    if (ids.length === 0) return false;
    for (const id of ids) toHold.delete(id);
    const holds = ids.map((subscriptionId): Hold => {
      const { heldForMs = 0, breaker = 'closed' } = bulkheads.state(subscriptionId) ?? {};
      return { subscriptionId, heldForMs, probing: breaker !== 'closed' };
    });
    try {
      await holdEndpoints(pool, holds);
    } catch (error) {
      for (const id of ids) toHold.add(id);
      throw error;
    }
    if (holds.some((hold) => hold.heldForMs === 0)) deps.onFreed();
    return toHold.size > 0;
  }

  async function showChanged(): Promise<boolean> {
    for (const id of bulkheads.takeChanged()) toShow.add(id);
    const ids = [...toShow].slice(0, STATES_MAX);
    if (ids.length > 0) {
      const rows = ids.map((id) => ({ subscriptionId: id, state: bulkheads.state(id) }));
      await writeEndpointStates(pool, { dispatcherId, rows });
      for (const id of ids) toShow.delete(id);
    }
    return toShow.size > 0;
  }

  async function countOthers(): Promise<void> {
    bulkheads.shareAmong(await countDispatchers(pool, DEAD_AFTER_MS));
  }

  const counting = createPeriodic({
    name: 'counting dispatchers',
    intervalMs: COUNT_EVERY_MS,
    runOnce: countOthers,
    logger,
  });
  const holding = createPeriodic({
    name: 'holding endpoints back',
    intervalMs: HOLD_EVERY_MS,
    runOnce: holdSome,
    logger,
  });
  const showing = createPeriodic({
    name: 'showing how endpoints fare',
    intervalMs: SHOW_EVERY_MS,
    runOnce: showChanged,
    logger,
  });

  const all = [counting, holding, showing];

  return {
    async start() {
      await forgetEndpointStates(pool);
      await countOthers();
      await Promise.all(all.map((part) => part.start()));
    },
    async stop() {
      await Promise.all(all.map((part) => part.stop()));
    },
    hold(id) {
      toHold.add(id);
      holding.wake();
    },
  };
}
