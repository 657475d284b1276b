import { setTimeout as delay } from 'node:timers/promises';
import { fromGrpcError } from '@hookline/service-runtime/grpc-client';
import { Interrupted } from '../context.ts';

const PAUSE_MS_MAX = 2_000;

export interface Patience {
  /** Hears when the server is lost and when it is back; nothing in between. */
  readonly onTrouble: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Does something again and again for as long as a command runs, through restarts of the server. What
 * no waiting mends, such as a key that is not valid, is thrown.
 */
export function createPatience({ onTrouble, signal }: Patience) {
  let isLost = false;
  let pauseMs = 250;
  return {
    /** The server has answered. */
    worked(): void {
      if (isLost) onTrouble('the server is back');
      isLost = false;
      pauseMs = 250;
    },
    /** Waits after a failure. @throws the error if waiting is of no use, Interrupted after Ctrl-C */
    async failed(error: unknown): Promise<void> {
      if (signal.aborted) throw new Interrupted();
      const refusal = fromGrpcError(error);
      // RESOURCE_EXHAUSTED: a rate, or as many streams as there may be; both pass.
      const passes = refusal?.code === 'unavailable' || refusal?.code === 'resource_exhausted';
      if (!passes) throw error;
      if (!isLost) onTrouble(`lost the server (${refusal.message}); trying again until it is back`);
      isLost = true;
      await this.pause(pauseMs);
      pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX);
    },
    /** @throws Interrupted */
    async pause(ms: number): Promise<void> {
      await delay(ms, undefined, { signal }).catch(() => {
        throw new Interrupted();
      });
    },
  };
}
