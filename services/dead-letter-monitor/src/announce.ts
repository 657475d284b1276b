import {
  ABOUT_SUBSCRIPTION,
  type DispatchableEvent,
  encodeEventBatch,
  isAboutItself,
  lineOf,
  newId,
  splitIntoBatches,
  subjects,
} from '@hookline/contracts';
import {
  appendEvents,
  type Database,
  type EventToAppend,
  idempotencyKey,
} from '@hookline/event-log';
import type { Publisher } from '@hookline/messaging';
import { reasonOf } from '@hookline/service-runtime';
import type { SubscriptionIndex } from '@hookline/subscriptions';
import { type Logger, newTraceparent } from '@hookline/telemetry';
import type { OwnEvent } from './domain/own-events.ts';

/** Accepts what Hookline tells of itself; resolves after the commit. Throws what Postgres throws. */
export type Announce = (events: readonly OwnEvent[]) => Promise<void>;

export interface AnnouncerDeps {
  readonly database: Database;
  readonly index: Pick<SubscriptionIndex, 'refresh' | 'match' | 'epoch'>;
  /** Undefined without NATS: the gateways' sweeper hands the events on then. */
  readonly publisher: Pick<Publisher, 'publish'> | undefined;
  readonly logger: Logger;
}

/** Of one append. */
const EVENTS_MAX = 500;
/** Only a crash between commit and note makes a repeat, and it comes within minutes. */
const DEDUPE_DAYS = 1;
const SOURCE = 'hookline';

/**
 * Puts events of Hookline's own into the log, as any other, for those who subscribe to them: an event
 * that nobody would get is not made, so that 100,000 failures that nobody asked about write nothing.
 */
export function createAnnouncer(deps: AnnouncerDeps): Announce {
  const { database, index, publisher, logger } = deps;

  const isWanted = (event: EventToAppend): boolean =>
    index
      .match({ ...event, ...unaccepted(event) }, index.epoch())
      .some(({ id }) => !isAboutItself(event, id));

  const handOn = async (entries: readonly DispatchableEvent[]): Promise<void> => {
    if (publisher === undefined) return;
    try {
      for (const batch of splitIntoBatches(entries)) {
        await publisher.publish(subjects.events, encodeEventBatch(batch));
      }
    } catch (error) {
      logger.warn(`events are left to the sweeper: ${reasonOf(error)}`);
    }
  };

  return async (events) => {
    if (events.length === 0) return;
    await index.refresh();
    const wanted = events.map(toAppend).filter(isWanted);
    for (let first = 0; first < wanted.length; first += EVENTS_MAX) {
      const batch = wanted.slice(first, first + EVENTS_MAX);
      const appended = await appendEvents(database.pool, batch, { dedupeDays: DEDUPE_DAYS });
      await handOn(appended.filter((result) => result.kind === 'appended'));
    }
  };
}

function toAppend({ type, tenant, sourceId, about, data }: OwnEvent): EventToAppend {
  const { traceparent } = newTraceparent();
  return {
    eventId: newId('evt'),
    key: idempotencyKey({ tenant, principal: SOURCE, source: SOURCE, sourceId }),
    line: lineOf(tenant, undefined, SOURCE),
    tenant,
    source: SOURCE,
    type,
    phase: 'post',
    status: 'success',
    extensions: { traceparent, ...(about !== undefined && { [ABOUT_SUBSCRIPTION]: about }) },
    data: JSON.stringify(data),
  };
}

/** What an event gets when it is accepted, for asking whom it would be for. */
function unaccepted({ eventId }: EventToAppend) {
  const now = new Date();
  return { id: eventId, position: 0n, time: now.toISOString(), recordedAt: now, sequence: 0n };
}
