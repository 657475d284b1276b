import { DomainError } from '@hookline/contracts';
import { checkpointAtEnd, type Database, type LogCheckpoint } from '@hookline/event-log';
import type { IndexLogger } from '../index/subscription-index.ts';
import type { ChangeReader } from './change-reader.ts';
import { createWatcherQueue, type WatcherQueue } from './watcher-queue.ts';

/** Reads changes once for all who watch, while there is anybody. */
export interface ChangeFeed {
  /** A queue of what comes after its checkpoint. Throws DomainError `resource_exhausted` over a bound. */
  join(tenant: string): Promise<WatcherQueue>;
  leave(queue: WatcherQueue): void;
  /** Something was committed: look now. */
  wake(): void;
  /** Reads no more, and resolves when the look under way has ended. */
  stop(): Promise<void>;
}

export interface ChangeFeedOptions {
  readonly database: Pick<Database, 'pool'>;
  readonly reader: ChangeReader;
  readonly logger?: IndexLogger | undefined;
  /** Pause between looks that nobody asked for, in milliseconds. */
  readonly pollMs: number;
}

export const WATCHERS_MAX = 200;
export const WATCHERS_PER_TENANT_MAX = 20;
/** Changes that wait for a client that reads slowly; a subscription has some kilobytes. */
const CHANGES_WAITING_MAX = 1_000;
/** After a wake-up: a change is read once no older transaction runs, which mostly is at once. */
const EAGER_POLL_MS = 25;
const EAGER_FOR_MS = 1_000;

interface Joining {
  readonly tenant: string;
  readonly resolve: (queue: WatcherQueue) => void;
  readonly reject: (error: unknown) => void;
}

export function createChangeFeed(options: ChangeFeedOptions): ChangeFeed {
  const { database, reader, logger, pollMs } = options;
  const queues = new Set<WatcherQueue>();
  let joining: Joining[] = [];
  let running: Promise<void> | undefined;
  let stopped = false;
  let eagerUntil = 0;
  let woken = false;
  let endPause = (): void => {};

  function rouse(): void {
    woken = true;
    endPause();
  }

  function pause(): Promise<void> {
    const isEager = performance.now() < eagerUntil;
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        endPause = () => {};
        woken = false;
        resolve();
      };
      const timer = setTimeout(done, isEager ? EAGER_POLL_MS : pollMs);
      endPause = done;
      if (woken || stopped) done();
    });
  }

  /** Between two pages, so that a watcher misses nothing of the one that is being handed out. */
  function admit(checkpoint: LogCheckpoint): void {
    const admitted = joining;
    joining = [];
    for (const { tenant, resolve } of admitted) {
      const queue = createWatcherQueue({
        ...{ tenant, checkpoint, overflow: readsTooSlowly },
        changesMax: CHANGES_WAITING_MAX,
      });
      queues.add(queue);
      resolve(queue);
    }
  }

  async function run(): Promise<void> {
    let position = await checkpointAtEnd(database.pool);
    while (!stopped && queues.size + joining.length > 0) {
      admit(position);
      const page = await reader.read(position, isWatched);
      if (page.checkpoint !== position) eagerUntil = 0;
      position = page.checkpoint;
      for (const queue of queues) {
        queue.push(
          page.changes.filter(({ tenant }) => tenant === queue.tenant),
          position,
        );
        if (queue.isFailed()) queues.delete(queue);
      }
      if (!page.more) await pause();
    }
  }

  const isWatched = (tenant: string) => {
    for (const queue of queues) if (queue.tenant === tenant) return true;
    return false;
  };

  function ensureRunning(): void {
    running ??= run()
      .catch((error: unknown) => {
        logger?.warn({ err: error }, 'changes of subscriptions could not be read for who watches');
        failAll(storeIsAway(error));
      })
      .finally(() => {
        running = undefined;
        if (joining.length > 0 && !stopped) ensureRunning();
      });
  }

  function failAll(error: Error): void {
    for (const queue of queues) queue.fail(error);
    queues.clear();
    for (const { reject } of joining) reject(error);
    joining = [];
  }

  return {
    join(tenant) {
      if (stopped) return Promise.reject(isStopping());
      const all = [...queues, ...joining];
      const ofTenant = all.filter((each) => each.tenant === tenant).length;
      if (all.length >= WATCHERS_MAX || ofTenant >= WATCHERS_PER_TENANT_MAX) {
        return Promise.reject(tooManyWatchers());
      }
      return new Promise((resolve, reject) => {
        joining.push({ tenant, resolve, reject });
        ensureRunning();
        rouse();
      });
    },
    leave(queue) {
      queues.delete(queue);
      if (queues.size === 0) rouse();
    },
    wake() {
      eagerUntil = performance.now() + EAGER_FOR_MS;
      rouse();
    },
    async stop() {
      stopped = true;
      rouse();
      await running;
      failAll(isStopping());
    },
  };
}

function isStopping(): DomainError {
  return new DomainError('unavailable', 'the server is stopping; connect again');
}

function readsTooSlowly(): DomainError {
  return new DomainError(
    'resource_exhausted',
    `the stream is read too slowly, ${CHANGES_WAITING_MAX} changes wait; watch again with the last resume_token`,
  );
}

function tooManyWatchers(): DomainError {
  return new DomainError(
    'resource_exhausted',
    `too many watch at once; a tenant has ${WATCHERS_PER_TENANT_MAX} streams, the service ${WATCHERS_MAX}`,
    { retryAfterMs: 5_000 },
  );
}

function storeIsAway(cause: unknown): DomainError {
  return new DomainError(
    'unavailable',
    'the store cannot be read at the moment; watch again with the last resume_token',
    { retryAfterMs: 2_000, cause },
  );
}
