import type { Amount, LanePool } from './lane-pool.ts';
import type { PullEnd, PullRequest } from './pull-session.ts';
import type { ReceivedMessage } from './received-message.ts';

export interface LaneQueueOptions {
  readonly pool: LanePool;
  /** What a lane may ask for at any time, without the pool. */
  readonly allowance: () => Amount;
  /** The largest message the stream takes, with its headers: a request for less may not end. */
  readonly largestBytes: number;
  /** Most messages worth having on hand. */
  readonly limit: () => number;
  /** There is room again: ask anew. */
  readonly onRoom: () => void;
}

/** What a lane has on hand, and what it is to ask for next. */
export interface LaneQueue {
  next(last: PullEnd): PullRequest | undefined;
  push(message: ReceivedMessage): void;
  peek(): ReceivedMessage | undefined;
  shift(): ReceivedMessage | undefined;
  length(): number;
  /** Forgets what is on hand and what was asked for. */
  clear(): void;
}

/** A lane that has nothing to do asks so seldom that thousands of them cost nothing. */
const IDLE = { expiresMs: 120_000, heartbeatMs: 15_000 };
/** What is asked of the pool is kept from others, so it is given back soon when it does not come. */
const DRAW_EXPIRES_MS = 500;
/** Fewer messages, or bytes, than these are not worth a request of their own. */
const DRAW_LEAST: Amount = { messages: 64, bytes: 128 * 1024 };
/** Taken messages are cut off the array so many at a time. */
const COMPACT_AT = 1_024;

interface Held {
  readonly message: ReceivedMessage;
  /** What of the pool it takes; undefined for one that came under the lane's own allowance. */
  readonly pooledBytes: number | undefined;
}

/**
 * While a lane is idle, a small request of its own allowance is open, so that a message comes at once.
 * When that is filled there is more, and it draws from the pool, as much as its share allows.
 */
export function createLaneQueue(options: LaneQueueOptions): LaneQueue {
  const { pool, allowance, largestBytes, limit, onRoom } = options;
  let held: Held[] = [];
  let first = 0;
  let pooled: Amount = { messages: 0, bytes: 0 };
  let draw: Amount | undefined;
  let hungry = false;
  let active = false;

  const length = (): number => held.length - first;

  const updateActive = (): void => {
    const isActive = length() > 0 || draw !== undefined || hungry;
    if (isActive === active) return;
    active = isActive;
    if (active) pool.activate();
    else pool.deactivate();
  };

  /** Gives back what did not come, and is hungry no more. */
  const endRequest = (): void => {
    pool.forget(onRoom);
    hungry = false;
    if (draw !== undefined) pool.give(draw);
    draw = undefined;
  };

  const drawFromPool = (room: number, forLargest: boolean): Amount | undefined => {
    const share = pool.share();
    const free = pool.free();
    const messages = Math.min(share.messages - pooled.messages, free.messages, room);
    const bytes = Math.min(share.bytes - pooled.bytes, free.bytes);
    if (forLargest) {
      if (free.messages < 1 || free.bytes < largestBytes) return undefined;
      return { messages: Math.max(1, messages), bytes: Math.max(bytes, largestBytes) };
    }
    if (messages < Math.min(DRAW_LEAST.messages, room) || bytes < DRAW_LEAST.bytes)
      return undefined;
    return { messages, bytes };
  };

  const choose = (last: PullEnd): PullRequest | undefined => {
    endRequest();
    const room = Math.floor(limit()) - length();
    if (room <= 0) return undefined;
    const hasMore = last === 'filled' || last === 'too_small';
    if (hasMore) {
      draw = drawFromPool(room, last === 'too_small');
      if (draw !== undefined) {
        pool.take(draw);
        return { ...draw, expiresMs: DRAW_EXPIRES_MS };
      }
    }
    // Who wants more and gets nothing counts as active: else the others would share its part.
    hungry = hasMore;
    // What came under the allowance must be taken before there is room for more of it.
    if (last === 'too_small' || length() > pooled.messages) {
      if (hungry) pool.wait(onRoom);
      return undefined;
    }
    const own = allowance();
    const timing = hungry ? { expiresMs: DRAW_EXPIRES_MS } : IDLE;
    return { messages: Math.min(own.messages, room), bytes: own.bytes, ...timing };
  };

  return {
    next(last) {
      const request = choose(last);
      updateActive();
      return request;
    },
    push(message) {
      let pooledBytes: number | undefined;
      if (draw !== undefined) {
        pooledBytes = Math.min(message.size, draw.bytes);
        draw = { messages: draw.messages - 1, bytes: draw.bytes - pooledBytes };
        pooled = { messages: pooled.messages + 1, bytes: pooled.bytes + pooledBytes };
      }
      held.push({ message, pooledBytes });
      updateActive();
    },
    peek: () => held[first]?.message,
    shift() {
      const taken = held[first];
      if (taken === undefined) return undefined;
      first += 1;
      if (first === held.length || first === COMPACT_AT) {
        held = held.slice(first);
        first = 0;
      }
      if (taken.pooledBytes !== undefined) {
        const { pooledBytes: bytes } = taken;
        pooled = { messages: pooled.messages - 1, bytes: pooled.bytes - bytes };
        pool.give({ messages: 1, bytes });
      }
      updateActive();
      return taken.message;
    },
    length,
    clear() {
      endRequest();
      pool.give(pooled);
      pooled = { messages: 0, bytes: 0 };
      held = [];
      first = 0;
      updateActive();
    },
  };
}
