import type pg from 'pg';
import {
  type Appended,
  type AppendOptions,
  appendEvents,
  type EventToAppend,
} from './append-events.ts';
import { createGroupCommit, type GroupCommit } from './group-commit.ts';
import { readEvents } from './read-events.ts';

/** An event that Postgres itself cannot take; its neighbours are appended without it. */
export interface Refused {
  readonly kind: 'refused';
  readonly code: string;
  readonly reason: string;
}

export type AppendOutcome = Appended | Refused;

/** Most rows of one append, so of one commit. */
export const APPEND_ROWS_MAX = 500;

/**
 * Appends events in order; a batch that fails for what one row holds is halved until that row stands
 * alone, and only it is refused. A failure of the connection or the server is thrown: call again
 * with the same events, the keys see to it that they have one effect.
 */
export async function appendOrRefuse(
  pool: pg.Pool,
  events: readonly EventToAppend[],
  options: AppendOptions,
): Promise<AppendOutcome[]> {
  try {
    return await recognizeOwn(pool, events, await appendEvents(pool, events, options));
  } catch (error) {
    if (!isFaultOfData(error)) throw error;
    if (events.length === 1) return [unstorable(error)];
    const middle = Math.ceil(events.length / 2);
    const first = await appendOrRefuse(pool, events.slice(0, middle), options);
    return [...first, ...(await appendOrRefuse(pool, events.slice(middle), options))];
  }
}

/**
 * Appends events of one request in order and in one commit: all of them, or none, each refused when
 * one of them is at fault. Throws like appendOrRefuse().
 */
export async function appendWhole(
  pool: pg.Pool,
  events: readonly EventToAppend[],
  options: AppendOptions,
): Promise<AppendOutcome[]> {
  try {
    return await appendEvents(pool, events, options);
  } catch (error) {
    if (!isFaultOfData(error)) throw error;
    return events.map(() => unstorable(error));
  }
}

function unstorable(error: Error): Refused {
  return { kind: 'refused', code: 'unstorable', reason: `Postgres refuses it: ${error.message}` };
}

/**
 * Appends single events of concurrent callers in groups of at most 500 rows.
 *
 * At most `queuedMax` events wait (default 5,000); one more is refused with QueueFullError, which
 * front ends answer as "too busy, try again".
 */
export function createEventAppender(
  pool: pg.Pool,
  options: AppendOptions & { readonly queuedMax?: number },
): GroupCommit<EventToAppend, AppendOutcome> {
  return createGroupCommit({
    itemsMax: APPEND_ROWS_MAX,
    queuedMax: options.queuedMax ?? 5_000,
    write: (events) => appendOrRefuse(pool, events, options),
  });
}

/**
 * Whether the statement failed for its values: SQLSTATE class 22 (data), 23 (constraints), 54
 * (limits). A missing partition is a check violation too (23514) and no fault of the event.
 */
function isFaultOfData(error: unknown): error is Error {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^(22|23|54)/.test(code) && code !== '23514';
}

/**
 * After a commit whose answer was lost, the second call finds the events there under their own ids:
 * those are this caller's appends, and go on as such.
 */
async function recognizeOwn(
  pool: pg.Pool,
  events: readonly EventToAppend[],
  results: readonly Appended[],
): Promise<Appended[]> {
  const own = results.flatMap((result, index) =>
    result.kind === 'repeated' && result.eventId === events[index]?.eventId ? [result.eventId] : [],
  );
  if (own.length === 0) return [...results];
  const found = await readEvents(pool, { eventIds: own });
  return results.map((result, index) => {
    if (result.kind !== 'repeated' || result.eventId !== events[index]?.eventId) return result;
    const stored = found.get(result.eventId);
    return stored === undefined ? result : { kind: 'appended', ...stored };
  });
}
