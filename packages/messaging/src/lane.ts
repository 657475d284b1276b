import { setTimeout as delay } from 'node:timers/promises';
import type { StreamDefinition } from '@hookline/contracts';
import type { Nats } from './connect.ts';
import type { LaneDurables } from './lane-durables.ts';
import { createLaneQueue, type LaneQueueOptions } from './lane-queue.ts';
import type { Lane, LaneOptions } from './lanes.ts';
import { openPullSession, type PullEnd, type PullSession } from './pull-session.ts';
import { type Generation, type ReceivedMessage, toReceivedMessage } from './received-message.ts';

export interface RunningLaneOptions extends LaneOptions {
  readonly nats: Nats;
  readonly stream: StreamDefinition;
  readonly durables: LaneDurables;
  readonly queue: Omit<LaneQueueOptions, 'onRoom'>;
  readonly onMessage: () => void;
  readonly onInterrupted: (durable: string, reason: string) => void;
}

export interface RunningLane extends Lane {
  isPulling(): boolean;
  /** Asks for more, if it did not because there was no room. */
  refill(): void;
  /** When the stream that is there was made: a lane of another one is made anew. */
  streamSeen(createdAt: Date | undefined): void;
  /** Pulls no more; with `removing` the durable is deleted. */
  close(removing: boolean): Promise<void>;
}

const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 2_000;
/** A session that lasted so long shows that all was well: the next failure is retried at once again. */
const LASTED_MS = 10_000;
const WATCH_EVERY_MS = 5_000;

/** Runs one lane: its durable is made, pulled from until something is wrong, and made anew. */
export function openLane(options: RunningLaneOptions): RunningLane {
  const { nats, stream, name, durable, durables, onMessage } = options;
  const abort = new AbortController();
  let session: PullSession | undefined;
  let generation: Generation = { current: false, streamCreatedAt: new Date(0) };
  let needsRoom = false;

  const queue = createLaneQueue({ ...options.queue, onRoom: () => session?.more() });

  const next = (last: PullEnd) => {
    const request = queue.next(last);
    needsRoom = request === undefined;
    return request;
  };

  const receive = (message: ReceivedMessage): void => {
    queue.push(message);
    if (queue.length() === 1) onMessage();
  };

  const runSession = async (): Promise<string> => {
    // What came from the durable before comes again; an answer to it would name another's messages.
    generation.current = false;
    queue.clear();
    const streamCreatedAt = await durables.make(options);
    if (abort.signal.aborted) return 'closed';
    const mine = { current: true, streamCreatedAt };
    generation = mine;
    session = openPullSession({
      nats,
      stream: stream.name,
      durable,
      next,
      onMessage: (message) => receive(toReceivedMessage(message, mine)),
      watchEveryMs: WATCH_EVERY_MS,
    });
    const reason = await session.ended;
    session = undefined;
    return reason;
  };

  const run = async (): Promise<void> => {
    let delayMs = RETRY_FIRST_MS;
    while (!abort.signal.aborted) {
      const startedAt = performance.now();
      const reason = await runSession().catch((error) =>
        error instanceof Error ? error.message : String(error),
      );
      if (abort.signal.aborted) return;
      if (performance.now() - startedAt > LASTED_MS) delayMs = RETRY_FIRST_MS;
      options.onInterrupted(durable, reason);
      await delay(delayMs, undefined, { signal: abort.signal }).catch(() => {});
      delayMs = Math.min(delayMs * 2, RETRY_MAX_MS);
    }
  };
  const running = run();

  return {
    name,
    peek: queue.peek,
    shift: queue.shift,
    length: queue.length,
    isPulling: () => session !== undefined && nats.isConnected(),
    refill() {
      if (needsRoom) session?.more();
    },
    streamSeen(createdAt) {
      if (createdAt?.getTime() === generation.streamCreatedAt.getTime()) return;
      session?.end('the stream was deleted');
    },
    async close(removing) {
      abort.abort(new Error('closed'));
      session?.end('closed');
      await running;
      queue.clear();
      // When it fails, the next reader finds the durable and deletes it.
      if (removing) await durables.remove(durable).catch(() => {});
    },
  };
}
