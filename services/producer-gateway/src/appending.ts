import { setTimeout as delay } from 'node:timers/promises';
import {
  type AppendOptions,
  type AppendOutcome,
  appendOrRefuse,
  canAppend,
  type EventToAppend,
} from '@hookline/event-log';
import { reasonOf } from '@hookline/service-runtime';
import type pg from 'pg';
import { type Patience, patiently } from './patiently.ts';

export interface AppendingOptions extends Patience {
  readonly pool: pg.Pool;
  readonly append: AppendOptions;
}

/** Appends events in their order. Throws FencedError, and the signal's reason when it is stopped. */
export type Appending = (events: readonly EventToAppend[]) => Promise<AppendOutcome[]>;

/** How often an append may fail although Postgres answers, before its events are taken one by one. */
const TRIES_MAX = 5;
/** A batch of five hundred at fault is five hundred times five tries. */
const ALONE = { delayMaxMs: 50 };
const CONTROL_AGAIN_MS = 1_000;

/**
 * Appends, however long Postgres is away. An append that Postgres answers with a fault of its own again
 * and again (an internal error, a trigger that raises) is taken apart: each event is tried alone, and
 * one that fails alone as often is refused, if others can be stored meanwhile. If they cannot, the
 * fault is not the event's, and it waits.
 */
export function createAppending(options: AppendingOptions): Appending {
  const { pool, append, logger, signal } = options;

  /** Gives up after so many answers of that kind, and never while there is none. */
  const tryToAppend = (
    events: readonly EventToAppend[],
    pauses: Pick<Patience, 'delayMaxMs'> = {},
  ): Promise<AppendOutcome[]> => {
    let failures = 0;
    const isFinal = (error: unknown): boolean => {
      if (isAnswered(error)) failures += 1;
      return failures === TRIES_MAX;
    };
    return patiently(() => appendOrRefuse(pool, events, append), {
      signal,
      logger,
      isFinal,
      ...pauses,
    });
  };

  const appendAlone = async (event: EventToAppend): Promise<AppendOutcome> => {
    for (;;) {
      try {
        return (await tryToAppend([event], ALONE))[0] as AppendOutcome;
      } catch (error) {
        if (!isAnswered(error)) throw error;
        if (await patiently(() => canAppend(pool, append), options)) return unappendable(error);
        logger.error({ err: error }, `nothing can be appended: ${reasonOf(error)}`);
      }
      await delay(CONTROL_AGAIN_MS, undefined, { signal });
    }
  };

  return async (events) => {
    try {
      return await tryToAppend(events);
    } catch (error) {
      if (!isAnswered(error)) throw error;
      logger.error({ err: error }, `a batch is appended one by one: ${reasonOf(error)}`);
    }
    const outcomes: AppendOutcome[] = [];
    // One after the other, since later events of a server must not overtake an earlier one.
    for (const event of events) outcomes.push(await appendAlone(event));
    return outcomes;
  };
}

function unappendable(error: unknown): AppendOutcome {
  return {
    kind: 'refused',
    code: 'unappendable',
    reason: `Postgres refused it ${TRIES_MAX} times while it stored others: ${reasonOf(error)}`,
  };
}

/**
 * Whether Postgres answered with a fault that may be the event's. Not: connections (08), rollbacks
 * (40), resources (53), a server that goes, or cannot write (25, 57, 58).
 */
function isAnswered(error: unknown): boolean {
  const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown };
  // Only what Postgres itself reports has a severity; EPIPE and its kin are codes of the system.
  if (typeof code !== 'string' || typeof severity !== 'string') return false;
  return !/^(08|25|40|53|57|58)/.test(code);
}
