import type { Lanes, ReceivedMessage } from '@hookline/messaging';
import { createFairComposer, type FairQueue } from './domain/deficit-round-robin.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { Quotas } from './quotas.ts';

const BATCH_MESSAGES_MAX = 500;
const BATCH_BYTES_MAX = 4 * 1024 * 1024;
/** A batch is full by messages or by bytes; a message costs as much of it as the scarcer of the two. */
const COST_MIN = BATCH_BYTES_MAX / BATCH_MESSAGES_MAX;
/** Small, so that one batch has room for the turns of many. */
const QUANTUM = 16 * COST_MIN;
/** A message that was delivered more often, and never acknowledged, had better not harm others. */
const DELIVERIES_MAX = 5;

/** What to append next. */
export interface ComposedBatch {
  readonly messages: readonly ReceivedMessage[];
  /** When a lane that waits for its quota may be drawn from; undefined when none does. */
  readonly throttledMs: number | undefined;
}

export interface BatchComposerOptions {
  readonly lanes: Lanes;
  readonly quotas: Quotas;
  readonly metrics: GatewayMetrics;
}

/**
 * Composes batches over the lanes, each lane in its order. A lane whose tenant has used up its quota is
 * passed over: its messages wait where they are, and no other waits with them.
 */
export function createBatchComposer(
  options: BatchComposerOptions,
): (messagesMax?: number) => ComposedBatch {
  const { lanes, quotas, metrics } = options;
  const compose = createFairComposer<ReceivedMessage>({
    costOf: ({ size }) => Math.max(size, COST_MIN),
    quantum: QUANTUM,
  });

  return (messagesMax = BATCH_MESSAGES_MAX) => {
    let bytes = 0;
    let throttledMs: number | undefined;
    const queueOf = (lane: ReturnType<Lanes['waiting']>[number]): FairQueue<ReceivedMessage> => {
      let available = quotas.available(lane.name);
      if (available < 1) {
        metrics.throttled('lanes');
        const waitMs = quotas.waitMs(lane.name);
        throttledMs = Math.min(throttledMs ?? waitMs, waitMs);
      }
      return {
        name: lane.name,
        peek: lane.peek,
        mayGive: () => available >= 1,
        shift() {
          const message = lane.shift();
          available -= 1;
          quotas.take(lane.name, 1);
          bytes += message?.size ?? 0;
          return message;
        },
      };
    };
    const fits = (message: ReceivedMessage, taken: readonly ReceivedMessage[]): boolean => {
      const [first] = taken;
      if (first === undefined) return true;
      if (isSuspect(message) || isSuspect(first)) return false;
      return taken.length < messagesMax && bytes + message.size <= BATCH_BYTES_MAX;
    };
    const messages = compose(lanes.waiting().map(queueOf), fits);
    lanes.refill();
    return { messages, throttledMs };
  };
}

function isSuspect({ deliveryCount }: ReceivedMessage): boolean {
  return deliveryCount > DELIVERIES_MAX;
}
