import { LOG_START, openDatabase, tailLog } from '@hookline/event-log';
import { appending, makeEvents, type WriteOptions } from './append.ts';
import { median } from './statistics.ts';

/** The log from its start to its end by one gap-free reader. */
export interface ReadRate {
  /** How many the log has. */
  readonly events: number;
  readonly eventsPerSecond: number;
}

const FILL_BATCH = 500;

/** Fills the log up to so many events, then reads all of it, once a round. */
export async function measureReading(
  options: WriteOptions & { readonly eventsMin: number },
): Promise<ReadRate> {
  const { postgresUrl: url, eventsMin, rounds, signal } = options;
  await using database = openDatabase({ url, role: 'hookline_service', maxConnections: 2 });
  await using owner = openDatabase({ url, maxConnections: 1 });
  const count = async () => {
    const { rows } = await owner.pool.query<{ events: bigint }>(
      'SELECT count(*) AS events FROM hookline.event_log',
    );
    return Number(rows[0]?.events);
  };
  const append = appending(database);
  for (let events = await count(); events < eventsMin; events += FILL_BATCH) {
    signal.throwIfAborted();
    await append(makeEvents(FILL_BATCH, events));
  }
  const events = await count();
  const rates: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    signal.throwIfAborted();
    const startedAt = performance.now();
    await readAll(database, events);
    rates.push((events * 1000) / (performance.now() - startedAt));
  }
  return { events, eventsPerSecond: median(rates) };
}

async function readAll({ pool }: ReturnType<typeof openDatabase>, events: number): Promise<void> {
  const tail = tailLog(pool, { after: LOG_START });
  let read = 0;
  for await (const page of tail) {
    read += page.events.length;
    if (read >= events) tail.stop();
  }
}
