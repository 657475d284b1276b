import { messageOf } from '../local-stack-error.ts';
import { type Child, describeExit } from './child.ts';

export interface SupervisedOptions {
  readonly name: string;
  /** Starts the process, hands it over at once, and resolves when it is ready. */
  readonly launch: (onSpawn: (child: Child) => void) => Promise<unknown>;
  /** The soft stop: this signal, then after the grace period SIGKILL to the group. */
  readonly stopSignal: NodeJS.Signals;
  readonly graceMs: number;
  /** The hard stop. PostgreSQL's postmaster must take its own children along, so not SIGKILL there. */
  readonly killSignal: NodeJS.Signals;
  /** A new process runs: its id must be put on record. */
  readonly onSpawn: (child: Child) => void;
  readonly onProgress: (line: string) => void;
}

/** A process that is started again whenever it ends. */
export interface Supervised {
  readonly name: string;
  /** Resolves when the process is ready; a process that ends before that is not tried again. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Ends the process at once, also in the middle of a soft stop. */
  kill(): void;
  /** The process, unless none was started yet or it has ended. */
  child(): Child | undefined;
}

/** Pauses between restarts: doubled each time, back to the shortest after a minute without an end. */
const PAUSE_MIN_MS = 200;
const PAUSE_MAX_MS = 10_000;
const STABLE_MS = 60_000;

export function createSupervised(options: SupervisedOptions): Supervised {
  const { name, onProgress } = options;
  const stopping = new AbortController();
  let current: Child | undefined;
  let work: Promise<unknown> = Promise.resolve();
  let killed = false;

  const stopCurrent = async () => {
    if (killed) return current?.stop({ signal: options.killSignal, graceMs: 2000 });
    return current?.stop({ signal: options.stopSignal, graceMs: options.graceMs });
  };
  const launch = () =>
    options.launch((child) => {
      current = child;
      options.onSpawn(child);
      // Stopped while the launch was still preparing (making the cluster, say).
      if (stopping.signal.aborted) void stopCurrent();
    });

  const keepRunning = async () => {
    let pauseMs = PAUSE_MIN_MS;
    let since = performance.now();
    while (!stopping.signal.aborted) {
      const exit = await current?.exited;
      if (stopping.signal.aborted || exit === undefined) return;
      if (performance.now() - since > STABLE_MS) pauseMs = PAUSE_MIN_MS;
      onProgress(`${name} ${describeExit(exit)}; starting it again`);
      await pause(pauseMs, stopping.signal);
      pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS);
      if (stopping.signal.aborted) return;
      since = performance.now();
      try {
        await launch();
        onProgress(`${name} is back`);
      } catch (error) {
        if (!stopping.signal.aborted) onProgress(`${name} is not back: ${messageOf(error)}`);
      }
    }
  };

  return {
    name,
    async start() {
      const launched = launch();
      work = launched;
      await launched;
      work = keepRunning();
    },
    async stop() {
      stopping.abort();
      await stopCurrent();
      await work.catch(() => {});
      // One that came up during the stop was told to end when it was spawned.
      await current?.exited;
    },
    kill() {
      killed = true;
      stopping.abort();
      void stopCurrent();
    },
    child: () => (current?.hasExited() === false ? current : undefined),
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
