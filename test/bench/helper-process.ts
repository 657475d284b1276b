import { fork } from 'node:child_process';
import { join } from 'node:path';

/** A helper process of the benchmark, spoken to by messages. */
export interface HelperProcess<Command, Report> extends AsyncDisposable {
  readonly pid: number;
  send(command: Command): void;
  /** The next report of that kind. Rejects when the process ends first. */
  next<Kind extends KindOf<Report>>(kind: Kind): Promise<Extract<Report, { kind: Kind }>>;
  /** Calls back for every report of that kind. Returns an end to it. */
  on<Kind extends KindOf<Report>>(
    kind: Kind,
    listener: (report: Extract<Report, { kind: Kind }>) => void,
  ): () => void;
}

type KindOf<Report> = Report extends { readonly kind: infer Kind extends string } ? Kind : never;

/** Starts `test/bench/<script>`; it ends by itself when this process does. */
export function startHelper<Command extends object, Report extends { readonly kind: string }>(
  script: string,
): HelperProcess<Command, Report> {
  const child = fork(join(import.meta.dirname, script), {
    // Ctrl-C is for us alone; the helper ends with its channel.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const on: HelperProcess<Command, Report>['on'] = (kind, listener) => {
    const hear = (report: Report) => {
      if (report.kind === kind) listener(report as Parameters<typeof listener>[0]);
    };
    child.on('message', hear as (message: unknown) => void);
    return () => child.off('message', hear as (message: unknown) => void);
  };
  return {
    pid: child.pid ?? 0,
    // To a process that is being ended nothing more can be said; whoever awaits its answer is told.
    send: (command) => {
      if (child.connected) child.send(command, () => {});
    },
    on,
    next(kind) {
      const { promise, resolve, reject } = Promise.withResolvers<never>();
      const forget = on(kind, (report) => resolve(report as never));
      const failed = () => reject(new Error(`${script} ended before it answered`));
      child.once('exit', failed);
      return promise.finally(() => {
        forget();
        child.off('exit', failed);
      });
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
