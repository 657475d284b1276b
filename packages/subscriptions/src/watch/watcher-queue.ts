import type { LogCheckpoint } from '@hookline/event-log';
import type { LoggedChange } from './change-reader.ts';

/** What a watcher gets next: a change, or the news that there was none for a while. */
export type Next =
  | { readonly kind: 'change'; readonly logged: LoggedChange }
  | { readonly kind: 'quiet' };

/** Changes that wait for one watcher, bounded. */
export interface WatcherQueue {
  readonly tenant: string;
  /** Adds what was read up to a checkpoint; over the bound the queue ends with an error. */
  push(changes: readonly LoggedChange[], checkpoint: LogCheckpoint): void;
  /** Ends the queue: what it holds is still given out, then the error is thrown. */
  fail(error: Error): void;
  /** The next change; `quiet` after `quietMs` without one, or when the signal is aborted. */
  next(options: { readonly quietMs: number; readonly signal: AbortSignal }): Promise<Next>;
  /** Everything up to here was given out, if nothing waits. */
  checkpoint(): LogCheckpoint;
  isFailed(): boolean;
}

export function createWatcherQueue(options: {
  readonly tenant: string;
  readonly checkpoint: LogCheckpoint;
  readonly changesMax: number;
  readonly overflow: () => Error;
}): WatcherQueue {
  const waiting: LoggedChange[] = [];
  let { checkpoint } = options;
  let failure: Error | undefined;
  let rouse = (): void => {};

  function fail(error: Error): void {
    failure ??= error;
    rouse();
  }

  function pause({ quietMs, signal }: { quietMs: number; signal: AbortSignal }): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        rouse = () => {};
        resolve();
      };
      const timer = setTimeout(done, quietMs);
      signal.addEventListener('abort', done);
      rouse = done;
      if (signal.aborted) done();
    });
  }

  return {
    tenant: options.tenant,
    push(changes, upTo) {
      if (failure !== undefined) return;
      if (waiting.length + changes.length > options.changesMax) {
        fail(options.overflow());
        return;
      }
      waiting.push(...changes);
      checkpoint = upTo;
      if (changes.length > 0) rouse();
    },
    fail,
    async next(wait) {
      if (waiting.length === 0 && failure === undefined) await pause(wait);
      const logged = waiting.shift();
      if (logged !== undefined) return { kind: 'change', logged };
      if (failure !== undefined) throw failure;
      return { kind: 'quiet' };
    },
    checkpoint: () => checkpoint,
    isFailed: () => failure !== undefined,
  };
}
