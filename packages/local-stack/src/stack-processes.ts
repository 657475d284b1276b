import { join } from 'node:path';
import type { ProcessName } from './endpoints.ts';
import type { Child } from './processes/child.ts';
import { cutLog, rotateLog } from './processes/log-file.ts';
import { createSupervised, type Supervised } from './processes/supervised.ts';

/** The processes of one stack: how each is stopped, where it logs, and in which order all end. */
export interface StackProcesses {
  /** Every process that was ever started, running or not. */
  readonly list: readonly Supervised[];
  logFile(name: ProcessName): string;
  /** Starts a process and keeps it running; resolves when it is ready. */
  start(
    name: ProcessName,
    launch: (onSpawn: (child: Child) => void) => Promise<unknown>,
  ): Promise<void>;
  /** Services first, together, so that they drain into what they need; then NATS, then PostgreSQL. */
  stop(): Promise<void>;
  kill(): void;
}

const LOG_CHECK_MS = 30_000;

export function createStackProcesses(options: {
  readonly dataDir: string;
  readonly onProgress: (line: string) => void;
  /** A process was started, or started again. */
  readonly onChange: () => void;
}): StackProcesses {
  const list: Supervised[] = [];
  const logFile = (name: ProcessName) => join(options.dataDir, 'log', `${name}.log`);
  const timer = setInterval(() => {
    for (const { name } of list) void cutLog(logFile(name as ProcessName)).catch(() => {});
  }, LOG_CHECK_MS).unref();

  const stopStep = async (matches: (name: string) => boolean) => {
    await Promise.all(list.filter(({ name }) => matches(name)).map((one) => one.stop()));
  };
  return {
    list,
    logFile,
    async start(name, launch) {
      rotateLog(logFile(name));
      const isPostgres = name === 'postgres';
      const supervised = createSupervised({
        name,
        launch,
        // PostgreSQL: SIGINT is its fast shutdown and SIGQUIT its immediate one;
        // on SIGTERM it would wait for every client to leave.
        stopSignal: isPostgres ? 'SIGINT' : 'SIGTERM',
        graceMs: isPostgres ? 30_000 : 15_000,
        killSignal: isPostgres ? 'SIGQUIT' : 'SIGKILL',
        onSpawn: options.onChange,
        onProgress: options.onProgress,
      });
      list.push(supervised);
      await supervised.start();
    },
    async stop() {
      clearInterval(timer);
      await stopStep((name) => name !== 'nats' && name !== 'postgres');
      await stopStep((name) => name === 'nats');
      await stopStep((name) => name === 'postgres');
    },
    kill() {
      for (const one of list) one.kill();
    },
  };
}
