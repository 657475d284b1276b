import { newId } from '@hookline/contracts';
import { VersionConflictError } from './aggregate-store.ts';
import type { Appended, EventToAppend } from './append-events.ts';
import type { EventStore } from './event-store.ts';
import { checkpointOf, compareCheckpoints, type LoggedEvent } from './logged-event.ts';
import { PAGE_EVENTS } from './read-log.ts';
import { createUpcasters, type Upcasters } from './upcasters.ts';

/**
 * The event store in memory, for unit tests: it grows with each event and forgets nothing. Appends
 * are transactions of their own, one after another, so nothing ever waits below a running one.
 */
export function createMemoryEventStore(
  options: { readonly now?: () => number; readonly upcasters?: Upcasters } = {},
): EventStore {
  const { now = Date.now } = options;
  const { upcast } = options.upcasters ?? createUpcasters();
  const log: LoggedEvent[] = [];
  const streams = new Map<string, LoggedEvent[]>();
  const firsts = new Map<string, { readonly eventId: string; readonly position: bigint }>();
  let transactions = 0;

  function add(
    event: Omit<
      LoggedEvent,
      'logEpoch' | 'transactionId' | 'position' | 'version' | 'schemaVersion'
    >,
    schemaVersion = 1,
  ): LoggedEvent {
    const stream = streams.get(event.stream) ?? [];
    const logged: LoggedEvent = {
      ...event,
      logEpoch: 1,
      transactionId: String(transactions),
      position: BigInt(log.length + 1),
      version: BigInt(stream.length + 1),
      schemaVersion,
    };
    streams.set(event.stream, stream);
    stream.push(logged);
    log.push(logged);
    return logged;
  }

  function appendOne(event: EventToAppend, recordedAt: Date): Appended {
    const key = event.key.toString('hex');
    const first = firsts.get(key);
    if (first !== undefined) return { kind: 'repeated', ...first };
    const { eventId, key: _, line, extensions, ...draft } = event;
    const {
      position,
      version: sequence,
      time,
    } = add({
      ...draft,
      kind: 'server',
      recordedAt,
      stream: line,
      eventId,
      time: event.time ?? recordedAt.toISOString(),
      extensions: JSON.stringify(extensions),
    });
    firsts.set(key, { eventId, position });
    const accepted = { ...draft, extensions, id: eventId, time, position, recordedAt, sequence };
    return { kind: 'appended', event: accepted, subscriptionEpoch: 0, line };
  }

  return {
    async appendEvents(events) {
      transactions += 1;
      const recordedAt = new Date(now());
      return events.map((event) => appendOne(event, recordedAt));
    },
    async appendToStream({ stream, expectedVersion, events, metadata }) {
      if (BigInt(streams.get(stream)?.length ?? 0) !== expectedVersion) {
        throw new VersionConflictError(
          `stream ${stream} is no longer at version ${expectedVersion}`,
        );
      }
      transactions += 1;
      const recordedAt = new Date(now());
      for (const event of events) {
        const logged = {
          kind: 'aggregate',
          recordedAt,
          stream,
          eventId: newId('evt'),
          tenant: metadata.tenant,
          source: 'hookline',
          type: event.type,
          time: recordedAt.toISOString(),
          phase: 'post',
          extensions: JSON.stringify({ actor: metadata.actor, ...metadata.attributes }),
          data: JSON.stringify(event.data),
        } as const;
        add(logged, event.schemaVersion);
      }
      return expectedVersion + BigInt(events.length);
    },
    async readStream({ stream, afterVersion = 0n, limit = PAGE_EVENTS }) {
      const start = Number(afterVersion);
      return (streams.get(stream) ?? []).slice(start, start + limit).map(upcast);
    },
    async readLog({ after, limit = PAGE_EVENTS }) {
      const found = log.findIndex((event) => compareCheckpoints(checkpointOf(event), after) > 0);
      const events = found < 0 ? [] : log.slice(found, found + limit);
      const last = events.at(-1);
      return {
        events: events.map(upcast),
        checkpoint: last === undefined ? after : checkpointOf(last),
      };
    },
  };
}
