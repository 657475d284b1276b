import type { Kysely } from 'kysely';
import {
  type AggregateEvent,
  appendToStream,
  type EventMetadata,
  VersionConflictError,
} from './aggregate-store.ts';
import type { Database } from './database.ts';
import type { Decider } from './decider.ts';
import type { LoggedEvent } from './logged-event.ts';
import { PAGE_EVENTS, readStreamEvents } from './read-log.ts';
import type { HooklineSchema } from './schema.ts';
import { createUpcasters, type Upcasters } from './upcasters.ts';

/** How an aggregate's events are spelt in the log. */
export interface EventCodec<Event> {
  encode(event: Event): AggregateEvent;
  /** `event.data` is JSON text in the newest shape. */
  decode(event: LoggedEvent): Event;
}

/** An aggregate as it is: `version` is the number of its events, 0 for one that is not there. */
export interface Loaded<State> {
  readonly state: State;
  readonly version: bigint;
}

export interface Run<Command, Event, State> {
  readonly id: string;
  readonly command: Command;
  /**
   * The version that the caller has seen, 0 for a new aggregate: another one is a conflict.
   * `current` decides on whatever is there, and anew when that changes meanwhile.
   */
  readonly expectedVersion: bigint | 'current';
  readonly metadata: EventMetadata;
  /** Writes what must be true together with the events, in their transaction. Not called for none. */
  readonly alongside?: (
    transaction: Kysely<HooklineSchema>,
    outcome: Outcome<Event, State>,
  ) => Promise<void>;
}

/** What a command did: the events (perhaps none), and the aggregate after them. */
export interface Outcome<Event, State> extends Loaded<State> {
  readonly events: readonly Event[];
}

export interface DeciderRunner<Command, Event, State> {
  load(id: string): Promise<Loaded<State>>;
  /**
   * Decides and appends in one transaction. Throws what the decider throws, and
   * VersionConflictError: at once for a version that is not the expected one; for `current` when
   * the aggregate changed during each of five tries.
   */
  run(run: Run<Command, Event, State>): Promise<Outcome<Event, State>>;
}

export interface DeciderRunnerOptions<Command, Event, State> {
  readonly decider: Decider<Command, Event, State>;
  /** For instance `subscription:<id>`; never with a slash, since the lines of servers have one. */
  readonly streamOf: (id: string) => string;
  readonly codec: EventCodec<Event>;
  readonly upcasters?: Upcasters;
}

const TRIES_MAX = 5;

/** Runs commands against aggregates in the log. It holds nothing that has to be closed. */
export function createDeciderRunner<Command, Event, State>(
  database: Database,
  options: DeciderRunnerOptions<Command, Event, State>,
): DeciderRunner<Command, Event, State> {
  const { decider, streamOf, codec, upcasters = createUpcasters() } = options;

  async function load(id: string): Promise<Loaded<State>> {
    let loaded: Loaded<State> = { state: decider.initialState(), version: 0n };
    for (;;) {
      const query = { stream: streamOf(id), afterVersion: loaded.version };
      const page = await readStreamEvents(database.pool, query);
      for (const event of page) {
        const state = decider.evolve(loaded.state, codec.decode(upcasters.upcast(event)));
        loaded = { state, version: event.version };
      }
      if (page.length < PAGE_EVENTS) return loaded;
    }
  }

  async function runOnce(run: Run<Command, Event, State>): Promise<Outcome<Event, State>> {
    const { id, expectedVersion, metadata } = run;
    const { state, version } = await load(id);
    if (expectedVersion !== 'current' && expectedVersion !== version) {
      throw new VersionConflictError(
        `stream ${streamOf(id)} is at version ${version}, not ${expectedVersion}`,
      );
    }
    const events = decider.decide(run.command, state);
    if (events.length === 0) return { events, state, version };
    const after = events.reduce((last, event) => decider.evolve(last, event), state);
    return await database.kysely.transaction().execute(async (transaction) => {
      const appended = await appendToStream(transaction, {
        stream: streamOf(id),
        expectedVersion: version,
        events: events.map(encode),
        metadata,
      });
      const outcome = { events, state: after, version: appended };
      await run.alongside?.(transaction, outcome);
      return outcome;
    });
  }

  function encode(event: Event): AggregateEvent {
    const encoded = codec.encode(event);
    return { ...encoded, schemaVersion: upcasters.currentVersion(encoded.type) };
  }

  return {
    load,
    async run(run) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await runOnce(run);
        } catch (error) {
          const again = error instanceof VersionConflictError && run.expectedVersion === 'current';
          if (!again || tries === TRIES_MAX) throw error;
        }
      }
    },
  };
}
