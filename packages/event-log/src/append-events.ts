import type { DispatchableEvent, EventDraft } from '@hookline/contracts';
import type pg from 'pg';
import { APPEND, type AppendAnswer } from './append-statement.ts';
import { byteaArray, integerArray, textArray } from './binary-arrays.ts';
import { type Numbering, numberWithinLines, sequencesOf } from './number-within-lines.ts';
import { withPartitions } from './partitions.ts';

/** An event to append: checked, with its id and idempotency key given. */
export interface EventToAppend extends EventDraft {
  /** `evt_…`, made by the caller, so that a repeat of this very append is recognised. */
  readonly eventId: string;
  /** SHA-256 that names the message for ever, see idempotencyKey(). */
  readonly key: Buffer;
  /** What the sequence counts in, see lineOf(). */
  readonly line: string;
}

/** What became of one event: now in the log, or there already under the ids of the first time. */
export type Appended =
  | ({ readonly kind: 'appended' } & DispatchableEvent)
  | { readonly kind: 'repeated'; readonly eventId: string; readonly position: bigint };

/** The lease under which a writer appends; an older epoch than the lease's is refused. */
export interface Fence {
  readonly lease: string;
  readonly epoch: bigint;
}

/** The writer's lease has been taken over: it must stop appending. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
}

export interface AppendOptions {
  /** How many days back a key is known, HOOKLINE_DEDUPE_DAYS. */
  readonly dedupeDays: number;
  readonly fence?: Fence;
}

/**
 * Appends events in their order, in one commit. Results come in the same order.
 *
 * A key met before, in the log or earlier in this very batch, makes no second event: its first one
 * is named. Throws FencedError when the fence has fallen, and whatever Postgres throws, in which
 * case nothing was appended or, after a broken connection, perhaps everything: the same call again
 * then answers with `repeated` and the ids given here.
 */
export async function appendEvents(
  pool: pg.Pool,
  events: readonly EventToAppend[],
  options: AppendOptions,
): Promise<Appended[]> {
  const unique = new Map<string, EventToAppend>();
  for (const event of events) {
    const key = event.key.toString('hex');
    if (!unique.has(key)) unique.set(key, event);
  }
  const results = new Map<string, Appended>();
  for (let tries = 0; results.size < unique.size; tries += 1) {
    const rest = [...unique].filter(([key]) => !results.has(key));
    const answer = await appendAll(pool, { events: rest.map(([, event]) => event), options });
    switch (answer.kind) {
      case 'appended':
        for (const [index, [key]] of rest.entries())
          results.set(key, answer.events[index] as Appended);
        break;
      case 'known':
        for (const [key, first] of answer.firsts) if (!results.has(key)) results.set(key, first);
        break;
      case 'taken':
        // Each time another key of ours was committed elsewhere, and there are no more than these.
        if (tries > 2 * unique.size) throw answer.error;
        break;
      case 'fenced':
        throw new FencedError(`lease "${options.fence?.lease ?? ''}" has been taken over`);
    }
  }
  return events.map((event) => resultOf(event, results));
}

/** The result of its key; a repeat within the batch is one of the event that came first. */
function resultOf(event: EventToAppend, results: ReadonlyMap<string, Appended>): Appended {
  const result = results.get(event.key.toString('hex'));
  if (result === undefined) throw new Error(`event "${event.eventId}" has no result`);
  if (result.kind === 'repeated' || result.event.id === event.eventId) return result;
  return { kind: 'repeated', eventId: result.event.id, position: result.event.position };
}

/** Everything was appended, or nothing for one of three reasons. */
type Answer =
  | { readonly kind: 'appended'; readonly events: readonly Appended[] }
  | { readonly kind: 'known'; readonly firsts: readonly (readonly [key: string, Appended])[] }
  | { readonly kind: 'taken'; readonly error: unknown }
  | { readonly kind: 'fenced' };

async function appendAll(
  pool: pg.Pool,
  {
    events,
    options,
  }: { readonly events: readonly EventToAppend[]; readonly options: AppendOptions },
): Promise<Answer> {
  const numbering = numberWithinLines(events.map((event) => event.line));
  const values = [
    ...columns(events, numbering),
    options.fence?.lease,
    options.fence?.epoch,
    options.dedupeDays,
  ];
  try {
    const { rows } = await withPartitions(pool, () =>
      pool.query<AppendAnswer>({ name: 'append-events', text: APPEND, values }),
    );
    return read(rows[0] as AppendAnswer, { events, numbering });
  } catch (error) {
    if (isKeyTaken(error)) return { kind: 'taken', error };
    throw error;
  }
}

function columns(events: readonly EventToAppend[], numbering: Numbering): unknown[] {
  return [
    textArray(numbering.lines.map(({ line }) => line)),
    integerArray(numbering.lines.map(({ added }) => added)),
    byteaArray(events.map((event) => event.key)),
    integerArray(numbering.places),
    integerArray(numbering.following),
    textArray(events.map((event) => event.line)),
    textArray(events.map((event) => event.eventId)),
    textArray(events.map((event) => event.tenant)),
    textArray(events.map((event) => event.source)),
    textArray(events.map((event) => event.type)),
    textArray(events.map((event) => event.time)),
    textArray(events.map((event) => event.subject)),
    textArray(events.map((event) => event.phase)),
    textArray(events.map((event) => event.status)),
    textArray(events.map((event) => JSON.stringify(event.extensions))),
    textArray(events.map((event) => event.data)),
  ];
}

function read(
  answer: AppendAnswer,
  {
    events,
    numbering,
  }: { readonly events: readonly EventToAppend[]; readonly numbering: Numbering },
): Answer {
  if (answer.known !== null) {
    const firsts = answer.known.map(([key, eventId, position]) => {
      return [key, { kind: 'repeated', eventId, position: BigInt(position) }] as const;
    });
    return { kind: 'known', firsts };
  }
  if (answer.positions === null || answer.tops === null) return { kind: 'fenced' };
  const positions = answer.positions.split(' ').map(BigInt);
  const sequences = sequencesOf(numbering, answer.tops.split(' ').map(BigInt));
  const { recorded_at: recordedAt } = answer;
  const subscriptionEpoch = Number(answer.subscription_epoch);
  const appended = events.map(({ eventId, key: _, line, ...draft }, index): Appended => {
    const position = positions[index] as bigint;
    const sequence = sequences[index] as bigint;
    const time = draft.time ?? answer.time;
    const event = { ...draft, id: eventId, time, position, recordedAt, sequence };
    return { kind: 'appended', event, subscriptionEpoch, line };
  });
  return { kind: 'appended', events: appended };
}

/** Another transaction committed one of the keys after the statement had looked for them. */
function isKeyTaken(error: unknown): boolean {
  const { code, table } = error as { code?: unknown; table?: unknown };
  return code === '23505' && typeof table === 'string' && table.startsWith('idempotency_key');
}
