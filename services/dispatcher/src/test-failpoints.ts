import { writeSync } from 'node:fs';
import type { Database } from '@hookline/event-log';
import type { BatchConsumer, ReceivedMessage } from '@hookline/messaging';
import type { HttpRequest } from '@hookline/safe-http';
import type pg from 'pg';
import type { Surroundings } from './service.ts';

/**
 * Between which two steps of a delivery a dispatcher kills itself:
 *
 * - `received`: a message is handed over, and nothing has been done for it.
 * - `sending`: an attempt is decided on, and not a byte of it is sent.
 * - `answered`: the answer has come, and nothing of it is written.
 * - `recorded`: the record is written, in a transaction that is not committed.
 * - `committed`: the record is committed, and the message is not acknowledged.
 * - `acknowledged`: the message is acknowledged.
 */
export const failpointGaps = [
  'received',
  'sending',
  'answered',
  'recorded',
  'committed',
  'acknowledged',
] as const;

export type FailpointGap = (typeof failpointGaps)[number];

/** What an event's type, and the path of its endpoint, is to be: `gap.<gap>.attempt<n>`. */
export function failpointName(gap: FailpointGap, attempt: number): string {
  return `gap.${gap}.attempt${attempt}`;
}

interface Failpoint {
  readonly name: string;
  readonly gap: FailpointGap;
}

/** The statements that put attempts on record, by the names they are prepared under. */
const RECORDS: ReadonlySet<unknown> = new Set(['record-group', 'settle-with-attempts']);
/** Long enough for an acknowledgement to be on its way. */
const AFTER_ACK_MS = 50;

/**
 * Puts a failpoint around each part of a dispatcher: it dies in the gap that the event of this name is
 * named for. The attempt of that number arms what follows it. A request of another event, which it may
 * have taken over from one that died before, it never sends: two deaths on one event are another test.
 */
export function createFailpoints(own: string): Surroundings {
  let armed: Failpoint | undefined;

  function die({ name }: Failpoint): never {
    writeSync(1, `${name}\n`);
    process.kill(process.pid, 'SIGKILL');
    // The signal has come before this line.
    throw new Error('still alive');
  }

  const dieIn = (gap: FailpointGap, failpoint: Failpoint | undefined) => {
    if (failpoint?.gap === gap) die(failpoint);
  };

  return {
    consumer: (consumer) =>
      aroundMessages(consumer, (message) => {
        const text = Buffer.from(message.data).toString();
        const name = failpointName('received', 1);
        if (own === name && text.includes(name) && message.deliveryCount === 1)
          die({ name, gap: 'received' });
        return {
          ...message,
          ack() {
            dieIn('committed', armed);
            message.ack();
            if (armed?.gap === 'acknowledged') setTimeout(die, AFTER_ACK_MS, armed);
          },
        };
      }),
    client: (client) => ({
      ...client,
      async send(request) {
        if (new URL(request.url).pathname.slice(1) !== own) return new Promise(() => {});
        const failpoint = failpointOf(request);
        dieIn('sending', failpoint);
        const outcome = await client.send(request);
        dieIn('answered', failpoint);
        armed ??= failpoint;
        return outcome;
      },
    }),
    database: (database) =>
      aroundQueries(database, async (query, run) => {
        if (armed === undefined || !RECORDS.has((query as pg.QueryConfig).name)) return run();
        if (armed.gap === 'recorded') await writeWithoutCommit(database, query as pg.QueryConfig);
        dieIn('recorded', armed);
        const result = await run();
        // A retry has no message that could be acknowledged: it ends with its commit.
        if (!armed.name.endsWith('attempt1')) dieIn('committed', armed);
        return result;
      }),
  };
}

/** The failpoint of an attempt: its endpoint names the gap and the number of the attempt. */
function failpointOf({ url, headers }: HttpRequest): Failpoint | undefined {
  const name = new URL(url).pathname.slice(1);
  const gap = failpointGaps.find((each) => name === failpointName(each, attemptOf(headers)));
  return gap === undefined ? undefined : { name, gap };
}

function attemptOf(headers: HttpRequest['headers']): number {
  return Number(headers['hookline-attempt']);
}

async function writeWithoutCommit(database: Database, query: pg.QueryConfig): Promise<void> {
  const client = await database.pool.connect();
  await client.query('BEGIN');
  await client.query(query);
}

function aroundMessages(
  consumer: BatchConsumer,
  wrap: (message: ReceivedMessage) => ReceivedMessage,
): BatchConsumer {
  return {
    isPulling: () => consumer.isPulling(),
    stop: () => consumer.stop(),
    async *[Symbol.asyncIterator]() {
      for await (const batch of consumer) yield batch.map(wrap);
    },
  };
}

function aroundQueries(
  database: Database,
  around: (query: unknown, run: () => Promise<unknown>) => Promise<unknown>,
): Database {
  const pool = new Proxy(database.pool, {
    get(target, name) {
      if (name === 'query') {
        return (query: pg.QueryConfig) => around(query, () => target.query(query));
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return {
    ...database,
    pool,
    close: () => database.close(),
    [Symbol.asyncDispose]: () => database.close(),
  };
}
