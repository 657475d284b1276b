import type { Sealer } from '@hookline/credentials';
import {
  checkpointAtEnd,
  compareCheckpoints,
  type Database,
  type LogCheckpoint,
} from '@hookline/event-log';
import type { IndexLogger } from '../index/subscription-index.ts';
import { createSubscriptionCodec } from '../store/sealed-document.ts';
import { createChangeFeed } from './change-feed.ts';
import { createChangeReader, type LoggedChange } from './change-reader.ts';
import { readSnapshot } from './read-snapshot.ts';
import { readResumeToken, writeResumeToken } from './resume-token.ts';
import type { SubscriptionChange } from './subscription-change.ts';

/** One message of a watch; without a change: all is told, or there was nothing for a while. */
export interface WatchMessage {
  /** Everything up to here has been told; empty while what is there is still being told. */
  readonly resumeToken: string;
  readonly change?: SubscriptionChange;
}

export interface WatchRequest {
  readonly tenant: string;
  /** Of the last message that was heard; empty: begin with what is there. */
  readonly resumeToken: string;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

/** Lets clients follow the subscriptions of a tenant. */
export interface SubscriptionWatch {
  /**
   * The subscriptions as they are, then every change in order and without a gap. Throws DomainError:
   * `invalid_argument` for another tenant's token, `resource_exhausted` for a slow reader or too many,
   * `unavailable` when the store is out of reach or the watch is stopped.
   */
  watch(request: WatchRequest): AsyncGenerator<WatchMessage>;
  /** Something was committed: look now, not at the next poll. */
  wake(): void;
  stop(): Promise<void>;
}

export interface SubscriptionWatchOptions {
  readonly sealer: Sealer;
  readonly logger?: IndexLogger;
  /** Default 1,000 ms: how late a change is told whose wake-up got lost. */
  readonly pollMs?: number;
  /** Default 30,000 ms. */
  readonly heartbeatMs?: number;
}

export function createSubscriptionWatch(
  database: Pick<Database, 'pool'> & Pick<Database, 'kysely'>,
  options: SubscriptionWatchOptions,
): SubscriptionWatch {
  const { sealer, logger, pollMs = 1_000, heartbeatMs = 30_000 } = options;
  const codec = createSubscriptionCodec(sealer);
  const reader = createChangeReader(database, codec);
  const feed = createChangeFeed({ database, reader, logger, pollMs });

  /** Changes after a checkpoint: read until the end of the log, then as they come. */
  async function* changesAfter(
    after: LogCheckpoint,
    { tenant, signal }: WatchRequest,
  ): AsyncGenerator<LoggedChange | LogCheckpoint> {
    let position = after;
    const isOwn = (name: string) => name === tenant;
    async function* catchUp(isThere: () => boolean): AsyncGenerator<LoggedChange> {
      for (let more = true; !signal.aborted && !isThere() && more; ) {
        const page = await reader.read(position, isOwn);
        yield* page.changes;
        position = page.checkpoint;
        more = page.more;
      }
    }
    // The most of it before joining: nothing is kept in memory for a client that reads it slowly.
    yield* catchUp(() => false);
    if (signal.aborted) return;
    const queue = await feed.join(tenant);
    try {
      const joinedAt = queue.checkpoint();
      yield* catchUp(() => compareCheckpoints(position, joinedAt) >= 0);
      position = laterOf(position, joinedAt);
      if (!signal.aborted) yield position;
      while (!signal.aborted) {
        const next = await queue.next({ quietMs: heartbeatMs, signal });
        if (next.kind === 'quiet') {
          position = laterOf(position, queue.checkpoint());
          if (!signal.aborted) yield position;
          continue;
        }
        const { logged } = next;
        // Read before joining: told already.
        if (compareCheckpoints(logged.checkpoint, position) <= 0) continue;
        position = logged.checkpoint;
        yield logged;
      }
    } finally {
      feed.leave(queue);
    }
  }

  async function* watch(request: WatchRequest): AsyncGenerator<WatchMessage> {
    const { tenant, resumeToken, signal } = request;
    /** Told as they are though their last change is yet to come in the order of the log. */
    const ahead = new Map<string, number>();
    let start: LogCheckpoint;
    if (resumeToken === '') {
      start = await checkpointAtEnd(database.pool);
      for await (const page of readSnapshot(database, codec, { tenant, checkpoint: start })) {
        for (const { subscription, isRecent } of page) {
          if (signal.aborted) return;
          if (isRecent) ahead.set(subscription.id, subscription.version);
          yield { resumeToken: '', change: { kind: 'existing', subscription } };
        }
      }
    } else {
      start = readResumeToken(tenant, resumeToken);
    }
    let isComplete = false;
    for await (const item of changesAfter(start, request)) {
      if (typeof item === 'string') {
        // While one told ahead is awaited, a token would tell of it again after a resumption.
        if (ahead.size > 0) continue;
        isComplete = true;
        yield { resumeToken: writeResumeToken(tenant, item) };
        continue;
      }
      const { change, checkpoint, version } = item;
      const told = ahead.get(change.subscription.id);
      if (told !== undefined && version >= told) ahead.delete(change.subscription.id);
      const token = ahead.size === 0 ? writeResumeToken(tenant, checkpoint) : '';
      if (told === undefined || version > told) yield { resumeToken: token, change };
      // The last one told ahead has come: now all is told that was there at the beginning.
      if (told !== undefined && token !== '' && !isComplete) {
        isComplete = true;
        yield { resumeToken: token };
      }
    }
  }

  return { watch, wake: feed.wake, stop: feed.stop };
}

function laterOf(one: LogCheckpoint, other: LogCheckpoint): LogCheckpoint {
  return compareCheckpoints(one, other) > 0 ? one : other;
}
