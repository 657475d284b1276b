import {
  checkpointOf,
  createUpcasters,
  type Database,
  type LogCheckpoint,
  type LoggedEvent,
  readAggregates,
  readStreamEvents,
} from '@hookline/event-log';
import { type EstablishedState, evolve, type SubscriptionEvent } from '../domain/subscription.ts';
import { foldStream, subscriptionStream } from '../store/append-change.ts';
import type { SubscriptionCodec } from '../store/sealed-document.ts';
import { viewOfState } from '../store/subscription-view.ts';
import { kindOfEvent, type SubscriptionChange } from './subscription-change.ts';

/** A change, and where it is in the order of the log. */
export interface LoggedChange {
  readonly tenant: string;
  /** Of the subscription after it. */
  readonly version: bigint;
  readonly checkpoint: LogCheckpoint;
  readonly change: SubscriptionChange;
}

export interface ChangePage {
  readonly changes: readonly LoggedChange[];
  readonly checkpoint: LogCheckpoint;
  /** There is more to be read at once. */
  readonly more: boolean;
}

/** Reads changes of subscriptions out of the log, in its order. */
export interface ChangeReader {
  /** One page after a checkpoint, with the changes of the tenants that are asked for. */
  read(after: LogCheckpoint, isWanted: (tenant: string) => boolean): Promise<ChangePage>;
}

const PAGE_EVENTS = 500;
/** Subscriptions whose latest state is kept, so that their next event needs no reading of the others. */
const STATES_KEPT_MAX = 1_000;
const STREAM_PREFIX = subscriptionStream('');

interface Known {
  readonly state: EstablishedState;
  readonly version: bigint;
}

export function createChangeReader(
  { pool }: Pick<Database, 'pool'>,
  codec: SubscriptionCodec,
): ChangeReader {
  const { upcast } = createUpcasters();
  const known = new Map<string, Known>();

  const parsed = (event: LoggedEvent) => {
    const { type, data } = upcast(event);
    return { type, data: JSON.parse(data) as unknown };
  };

  /** The subscription up to a version; from its stream when it is not known. */
  async function stateAt(stream: string, version: bigint): Promise<EstablishedState | undefined> {
    const kept = known.get(stream);
    if (kept?.version === version) return kept.state;
    if (version === 0n) return undefined;
    const events = await readStreamEvents(pool, { stream, limit: Number(version) });
    return foldStream(events.map(parsed), codec);
  }

  function keep(stream: string, state: Known): void {
    known.delete(stream);
    known.set(stream, state);
    const [oldest] = known.keys();
    if (known.size > STATES_KEPT_MAX && oldest !== undefined) known.delete(oldest);
  }

  async function toChange(logged: LoggedEvent): Promise<LoggedChange> {
    const { stream, version, tenant } = logged;
    const before = await stateAt(stream, version - 1n);
    const id = stream.slice(STREAM_PREFIX.length);
    const event = codec.openEvent(parsed(logged), { tenant, id });
    const after = evolve(before ?? { state: 'absent' }, event) as EstablishedState;
    keep(stream, { state: after, version });
    const shown = event.type === 'SubscriptionDeleted' ? before : after;
    const shownVersion = shown === before ? version - 1n : version;
    return {
      tenant,
      version,
      checkpoint: checkpointOf(logged),
      change: {
        kind: kindOfEvent[event.type as SubscriptionEvent['type']],
        subscription: viewOfState(shown ?? after, shownVersion),
        actor: (JSON.parse(logged.extensions) as { readonly actor?: string }).actor ?? '',
        time: logged.recordedAt,
      },
    };
  }

  return {
    async read(after, isWanted) {
      const { events, checkpoint } = await readAggregates(pool, { after, limit: PAGE_EVENTS });
      const wanted = events.filter(
        ({ stream, tenant }) => stream.startsWith(STREAM_PREFIX) && isWanted(tenant),
      );
      await codec.ready(wanted.map(({ tenant }) => tenant));
      const changes: LoggedChange[] = [];
      for (const event of wanted) changes.push(await toChange(event));
      return { changes, checkpoint, more: events.length === PAGE_EVENTS };
    },
  };
}
