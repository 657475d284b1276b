import { jetStreamCodeOf, jetStreamCodes, type Nats } from '@hookline/messaging';

/** What waits in EVENTS. */
export interface EventsBacklog {
  readonly messages: number;
  /** When the oldest of them was stored; absent when nothing waits. */
  readonly oldest?: Date;
}

/**
 * Reads what waits in EVENTS; undefined while the stream is gone, since a publish would fail.
 *
 * Not all that the stream holds waits: after a kill, a server of 2.9 may keep messages that it never
 * delivers again. One that all dispatchers were given, and that is still the oldest `stuckAfterMs`
 * later, is such a one: taken for a backlog, it would keep the sweeper still for ever.
 */
export function createEventsBacklog(
  nats: Nats,
  { stuckAfterMs }: { readonly stuckAfterMs: number },
): () => Promise<EventsBacklog | undefined> {
  /** The oldest message, and since when it is known to have been delivered. */
  let resting = { message: '', since: 0 };

  const isStuck = async ({ first_seq, first_ts }: { first_seq: number; first_ts: string }) => {
    const [consumer, ...others] = await nats.manager.consumers.list('EVENTS').next();
    if (consumer === undefined || others.length > 0) return false;
    const message = consumer.delivered.stream_seq < first_seq ? '' : `${first_seq} ${first_ts}`;
    if (message !== resting.message) resting = { message, since: performance.now() };
    if (message === '' || consumer.num_pending > 0) return false;
    return performance.now() - resting.since >= stuckAfterMs;
  };

  return async () => {
    try {
      const { state } = await nats.manager.streams.info('EVENTS');
      if (state.messages === 0 || (await isStuck(state))) return { messages: 0 };
      return { messages: state.messages, oldest: new Date(state.first_ts) };
    } catch (error) {
      if (jetStreamCodeOf(error) === jetStreamCodes.streamNotFound) return undefined;
      throw error;
    }
  };
}
