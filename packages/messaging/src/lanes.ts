import type { StreamDefinition } from '@hookline/contracts';
import type { Nats } from './connect.ts';
import { openLane, type RunningLane } from './lane.ts';
import { createLaneDurables } from './lane-durables.ts';
import { type Amount, createLanePool } from './lane-pool.ts';
import type { ReceivedMessage } from './received-message.ts';
import { watchStreamIdentity } from './stream-identity.ts';

/** Which part of a stream a lane reads, and by which durable. */
export interface LaneOptions {
  readonly name: string;
  /** Shared with no other durable of the stream: a work queue allows none. */
  readonly filterSubject: string;
  readonly durable: string;
}

/** Messages of one part of a stream, in the stream's order. */
export interface Lane {
  readonly name: string;
  peek(): ReceivedMessage | undefined;
  shift(): ReceivedMessage | undefined;
  /** How many are on hand. */
  length(): number;
}

export interface LanesOptions {
  readonly nats: Nats;
  readonly stream: StreamDefinition;
  /** After this long without an answer a message is delivered again, behind what came later. */
  readonly ackWaitMs: number;
  /** What all lanes together may have on hand, beyond a small allowance of each. */
  readonly pool: Amount;
  /**
   * Whether a durable is one of a former reader, to be deleted. A reader that is superseded and does
   * not know it cannot pull from a durable that has another name. `first` before any lane was made.
   */
  readonly isFormer: (durable: string, first: boolean) => boolean;
  /** Most messages that a lane had better have on hand. Default: no limit but the pool's. */
  readonly limitOf?: (name: string) => number;
  /** A lane that had nothing has something. */
  readonly onMessage: () => void;
}

export interface Lanes {
  /** Opens those that are new, and closes those that are left out, with their durables. */
  set(lanes: readonly LaneOptions[]): void;
  /** Lanes with messages on hand. */
  waiting(): Lane[];
  /** To be called after messages were taken, or when a lane's limit has grown. */
  refill(): void;
  /** How many there are, and how many of them are pulling now. */
  counts(): { readonly open: number; readonly pulling: number };
  /** Pulls no more. What was not taken is left to the next reader, which gets it in order. */
  stop(): Promise<void>;
}

/** Messages of the allowances of all lanes together, and most for one. */
const ALLOWANCES_MESSAGES = 16_384;
const ALLOWANCE_MESSAGES_MAX = 32;
/** The same in bytes. */
const ALLOWANCES_BYTES = 16 * 1024 * 1024;
const ALLOWANCE_BYTES_MAX = 32 * 1024;
const ALLOWANCE_BYTES_MIN = 2 * 1024;
/** A message of the largest size with its subject and headers. */
const LARGEST_SLACK_BYTES = 64 * 1024;
const LOG_EVERY_MS = 1_000;
/** One question for all lanes; their own heartbeats are rare, since there may be thousands of them. */
const LOOK_AT_STREAM_EVERY_MS = 2_000;

/**
 * Reads parts of a stream side by side, each through a durable of its own, and each in the stream's
 * order: one that is deep holds up no other.
 *
 * Each durable is made anew at the start and after every interruption (a lost connection, a server
 * killed, a durable or the stream deleted), and everything unacknowledged comes again, in order. Idle
 * lanes cost the server one open request each. What all lanes together have on hand is bounded by the
 * pool and the allowances; who takes nothing stops the pulling.
 */
export function openLanes(options: LanesOptions): Lanes {
  const { nats, stream, limitOf = () => Number.POSITIVE_INFINITY } = options;
  const pool = createLanePool(options.pool);
  const durables = createLaneDurables(options);
  const lanes = new Map<string, RunningLane>();
  const closing = new Set<Promise<void>>();
  let loggedAt = Number.NEGATIVE_INFINITY;

  const allowance = (): Amount => {
    const parts = Math.max(1, lanes.size);
    const bytes = Math.floor(ALLOWANCES_BYTES / parts);
    return {
      messages: Math.max(
        1,
        Math.min(ALLOWANCE_MESSAGES_MAX, Math.floor(ALLOWANCES_MESSAGES / parts)),
      ),
      bytes: Math.max(ALLOWANCE_BYTES_MIN, Math.min(ALLOWANCE_BYTES_MAX, bytes)),
    };
  };

  /** A line for an outage of hundreds of lanes, not one for each. */
  const onInterrupted = (durable: string, reason: string): void => {
    if (performance.now() - loggedAt < LOG_EVERY_MS) return;
    loggedAt = performance.now();
    nats.logger.warn(
      { stream: stream.name, durable, reason },
      `reading of ${stream.name} was interrupted (${reason}); starting again`,
    );
  };

  const close = (lane: RunningLane, removing: boolean): Promise<void> => {
    const closed = lane.close(removing).finally(() => closing.delete(closed));
    closing.add(closed);
    return closed;
  };

  const identity = watchStreamIdentity({
    nats,
    stream: stream.name,
    everyMs: LOOK_AT_STREAM_EVERY_MS,
    onSeen(createdAt) {
      for (const lane of lanes.values()) lane.streamSeen(createdAt);
    },
  });

  return {
    set(wanted) {
      const names = new Set(wanted.map(({ name }) => name));
      for (const [name, lane] of lanes) {
        if (names.has(name)) continue;
        lanes.delete(name);
        void close(lane, true);
      }
      for (const lane of wanted) {
        if (lanes.has(lane.name)) continue;
        const { name } = lane;
        const running = openLane({
          ...lane,
          nats,
          stream,
          durables,
          queue: {
            pool,
            allowance,
            largestBytes: stream.maxMessageBytes + LARGEST_SLACK_BYTES,
            limit: () => limitOf(name),
          },
          onMessage: options.onMessage,
          onInterrupted,
        });
        lanes.set(name, running);
      }
    },
    waiting: () => [...lanes.values()].filter((lane) => lane.length() > 0),
    refill() {
      for (const lane of lanes.values()) lane.refill();
    },
    counts: () => ({
      open: lanes.size,
      pulling: [...lanes.values()].filter((lane) => lane.isPulling()).length,
    }),
    async stop() {
      identity[Symbol.dispose]();
      for (const lane of lanes.values()) void close(lane, false);
      lanes.clear();
      await Promise.all(closing);
    },
  };
}
