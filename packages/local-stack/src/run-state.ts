import { type Endpoints, type ProcessName, removeEndpoints, writeEndpoints } from './endpoints.ts';
import type { ProcessIdentity } from './processes/process-identity.ts';
import { ownIdentity } from './processes/process-identity.ts';
import { removeRunRecord, writeRunRecord } from './processes/run-record.ts';
import type { Supervised } from './processes/supervised.ts';

const PROCESSES: readonly ProcessName[] = [
  'producer-gateway',
  'subscription-service',
  'dispatcher',
  'dead-letter-monitor',
  'console',
  'postgres',
  'nats',
];

/** What the files `run.json` and `endpoints.json` say of the running processes, kept up to date. */
export interface RunState {
  /** A process was started, or started again. */
  changed(): void;
  /** The stack is ready: from now on there are endpoints. */
  publish(endpoints: Omit<Endpoints, 'pids'>): Promise<Endpoints>;
  /** Nothing runs any more. */
  clear(): Promise<void>;
}

export function createRunState(options: {
  readonly dataDir: string;
  readonly launchers: readonly ProcessIdentity[];
  readonly processes: readonly Supervised[];
}): RunState {
  const { dataDir, launchers, processes } = options;
  const supervisor = ownIdentity();
  let published: Omit<Endpoints, 'pids'> | undefined;
  let writing: Promise<unknown> = Promise.resolve();

  const complete = (endpoints: Omit<Endpoints, 'pids'>): Endpoints => {
    const pid = (name: ProcessName) =>
      processes.find((one) => one.name === name)?.child()?.identity.pid ?? null;
    const pids = Object.fromEntries(PROCESSES.map((name) => [name, pid(name)]));
    return { ...endpoints, pids: pids as Endpoints['pids'] };
  };
  // One after the other, each with what is true when its turn comes.
  const write = () => {
    writing = writing
      .then(() => published && writeEndpoints(dataDir, complete(published)))
      // A full disk must not take the stack down; the next change tries again.
      .catch(() => {});
    return writing;
  };
  return {
    changed() {
      const children = processes.flatMap(({ name, child }) => {
        const identity = child()?.identity;
        return identity === undefined ? [] : [{ name, ...identity }];
      });
      writeRunRecord(dataDir, { supervisor, launchers, children });
      if (published !== undefined) void write();
    },
    async publish(endpoints) {
      published = endpoints;
      await write();
      return complete(endpoints);
    },
    async clear() {
      published = undefined;
      await writing;
      await removeEndpoints(dataDir);
      removeRunRecord(dataDir);
    },
  };
}
