import { type DispatchableEvent, decodeEventBatch } from '@hookline/contracts';
import { type Database, findUnsettled } from '@hookline/event-log';
import type { BatchConsumer, ReceivedMessage } from '@hookline/messaging';
import { reasonOf } from '@hookline/service-runtime';
import type { SubscriptionIndex } from '@hookline/subscriptions';
import type { Logger } from '@hookline/telemetry';
import { othersUntil } from './postgres/presence.ts';
import { BEAT_EVERY_MS } from './presence.ts';

/** Set by the gateway's sweeper: the event may be settled already. */
export const SWEPT_HEADER = 'Hookline-Swept';

export interface IntakeDeps {
  readonly consumer: BatchConsumer;
  readonly database: Database;
  readonly dispatcherId: string;
  readonly index: SubscriptionIndex;
  readonly logger: Logger;
  /** Resolves when the event is settled and that is committed. */
  readonly settle: (entry: DispatchableEvent, how: { readonly crashed: boolean }) => Promise<void>;
  /** Most events under way; reading waits for room beyond. */
  readonly eventsMax: number;
}

export interface Intake {
  /** Reads until `stop`. */
  run(): Promise<void>;
  /** Reads no more, and resolves when everything read is settled. */
  stop(): Promise<void>;
  underWay(): number;
}

/** JetStream gives a message to another dispatcher after 30 s without a sign; this is the sign. */
const WORKING_EVERY_MS = 5_000;

/** Reads EVENTS, hands events on to be settled, and acknowledges a message when all of its are. */
export function createIntake(deps: IntakeDeps): Intake {
  const underWay = new Map<bigint, Promise<void>>();
  const messages = new Set<ReceivedMessage>();
  const handling = new Set<Promise<void>>();
  let waiters: (() => void)[] = [];

  async function roomForOne(): Promise<void> {
    while (underWay.size >= deps.eventsMax) {
      await new Promise<void>((resolve) => {
        waiters.push(resolve);
      });
    }
  }

  /**
   * Which events still need doing, and which of them a dispatcher that died may have begun. A message
   * that comes again, or from the sweeper, is checked against the outbox; a fresh one is not. How often
   * a message came tells nothing of a crash: one given back by a stop comes again too, and after a wipe
   * of EVENTS the sweeper's comes as if for the first time.
   */
  async function sortOut(message: ReceivedMessage, entries: readonly DispatchableEvent[]) {
    const swept = message.headers?.has(SWEPT_HEADER) === true;
    const again = message.deliveryCount > 1;
    if (!swept && !again) return { open: entries, isCrashed: () => false };
    const { dispatcherId, database } = deps;
    const positions = entries.map((entry) => entry.event.position);
    const [unsettled, until] = await Promise.all([
      findUnsettled(database.pool, positions),
      othersUntil(database.pool, { dispatcherId, beatEveryMs: BEAT_EVERY_MS }),
    ]);
    const open = entries.filter((entry) => unsettled.has(entry.event.position));
    const isCrashed = ({ event }: DispatchableEvent) =>
      until !== undefined && event.recordedAt < until;
    return { open, isCrashed };
  }

  function settleOnce(entry: DispatchableEvent, crashed: boolean): Promise<void> {
    const { position } = entry.event;
    const already = underWay.get(position);
    if (already !== undefined) return already;
    const settled = deps.settle(entry, { crashed }).finally(() => {
      underWay.delete(position);
      // All of them look again: several messages are taken apart at once.
      const woken = waiters;
      waiters = [];
      for (const wake of woken) wake();
    });
    underWay.set(position, settled);
    return settled;
  }

  async function handle(message: ReceivedMessage): Promise<void> {
    const entries = decodeOrTerminate(message, deps.logger);
    if (entries === undefined) return;
    messages.add(message);
    try {
      const { open, isCrashed } = await sortOut(message, entries);
      await deps.index.catchUp(Math.max(0, ...open.map((entry) => entry.subscriptionEpoch)));
      const settled: Promise<void>[] = [];
      for (const entry of open) {
        await roomForOne();
        settled.push(settleOnce(entry, isCrashed(entry)));
      }
      await Promise.all(settled);
      message.ack();
    } catch (error) {
      deps.logger.warn({ err: error }, `a message of EVENTS comes again: ${reasonOf(error)}`);
      message.nak(1_000);
    } finally {
      messages.delete(message);
    }
  }

  const heartbeat = setInterval(() => {
    for (const message of messages) message.working();
  }, WORKING_EVERY_MS);
  heartbeat.unref();

  return {
    async run() {
      for await (const batch of deps.consumer) {
        for (const message of batch) {
          await roomForOne();
          const handled: Promise<void> = handle(message).finally(() => handling.delete(handled));
          handling.add(handled);
        }
      }
    },
    async stop() {
      await deps.consumer.stop();
      await Promise.allSettled(handling);
      clearInterval(heartbeat);
    },
    underWay: () => underWay.size,
  };
}

/** A message that nobody can read would come for ever; its events are in the outbox all the same. */
function decodeOrTerminate(
  message: ReceivedMessage,
  logger: Logger,
): DispatchableEvent[] | undefined {
  try {
    return decodeEventBatch(message.data);
  } catch (error) {
    logger.error(
      { stream_sequence: message.streamSequence },
      `a message of EVENTS cannot be read and is dropped; the sweeper sends its events again: ${reasonOf(error)}`,
    );
    message.term();
    return undefined;
  }
}
