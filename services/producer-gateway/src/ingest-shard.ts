import { acquireLease, type Lease, leaseState, releaseLease } from '@hookline/event-log';
import { createPeriodic, type Lifecycle } from '@hookline/service-runtime';
import { SHARD_ALL, shardOf } from './domain/shard-layout.ts';
import { type IngestReader, type IngestReaderOptions, startIngestReader } from './ingest-reader.ts';
import { formatHolder, type Holder, isGone, processExists } from './lease-holder.ts';
import { createReaderRecord } from './reader-record.ts';
import type { ReadingLoad } from './reading-load.ts';
import { leaseOfShard, readLayout } from './stored-layout.ts';

export interface IngestShardOptions
  extends Omit<
    IngestReaderOptions,
    'fence' | 'place' | 'listed' | 'isElsewhere' | 'record' | 'history'
  > {
  readonly shard: string;
  /** This gateway, different at every start. */
  readonly self: Holder;
  /** What else this gateway reads. */
  readonly load: ReadingLoad;
  readonly leaseMs: number;
  readonly renewEveryMs: number;
}

export interface IngestShard extends Lifecycle {
  isReading(): boolean;
  /** Looks after the lease now: the layout has changed. */
  look(): void;
}

/** How often a gateway that stands by asks for the lease. */
const STANDBY_POLL_MS = 1_000;
/** How much longer a gateway leaves a free lease to others, for each shard that it reads already. */
const LEAVE_TO_OTHERS_MS = 1_500;

/**
 * Reads one shard of INGEST whenever the lease of it is ours, and stands by otherwise.
 *
 * The lease keeps two gateways from reading by turns; that they never append both is the fence's
 * doing. A renewal that cannot reach Postgres changes nothing: the reader cannot append either, and
 * if the lease passes on meanwhile, its next append is refused.
 *
 * The layout is read after the lease was taken. A change of the layout raises the lease's epoch in its
 * commit, so one that is not seen here fences the reader off.
 *
 * A holder of this host whose process is gone, after a kill say, is followed at once and not when its
 * lease runs out. The guess may be wrong, where two containers share a host name and not their process
 * ids; the fence makes that harmless. Whoever is taken over from guesses no more, lest two such
 * gateways take the lease from each other for ever.
 */
export function createIngestShard(options: IngestShardOptions): IngestShard {
  const { pool, logger, metrics, shard, self, load, leaseMs, renewEveryMs } = options;
  const name = leaseOfShard(shard);
  const request = { name, holder: formatHolder(self), durationMs: leaseMs };
  let lease: Lease | undefined;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let freeSince: number | undefined;
  let reader: IngestReader | undefined;
  let wasTakenOver = false;

  const setReader = (next: IngestReader | undefined): void => {
    reader = next;
    load.set(shard, next !== undefined);
    metrics.reading(load.shards().length);
  };

  const endReader = async (): Promise<void> => {
    const ending = reader;
    setReader(undefined);
    await ending?.stop();
  };

  const startReader = async (held: Lease): Promise<IngestReader | undefined> => {
    const fence = { lease: held.name, epoch: held.epoch };
    const { version, layout } = await readLayout(pool);
    const listed = shard === SHARD_ALL ? undefined : layout.get(shard);
    if (shard !== SHARD_ALL && listed === undefined) return undefined;
    const record = createReaderRecord(pool, fence);
    return startIngestReader({
      ...options,
      fence,
      place: { layout: version, shard, epoch: held.epoch },
      listed,
      isElsewhere: (tenant) => shardOf(layout, tenant) !== shard,
      record,
      history: await record.begin(),
    });
  };

  const beginReader = async (held: Lease): Promise<void> => {
    const started = await startReader(held);
    if (started === undefined) {
      await releaseLease(pool, held);
      lease = undefined;
      return;
    }
    setReader(started);
    logger.info({ lease: held.name, epoch: String(held.epoch) }, 'reading INGEST');
    void started.ended.then((reason) => {
      if (reader !== started) return;
      if (reason === 'fenced')
        logger.warn({ lease: name }, 'fenced off; asking for the lease anew');
      setReader(undefined);
      renewedAt = Number.NEGATIVE_INFINITY;
    });
  };

  /** Whether it is ours to ask: a gateway that reads others leaves a free lease to idle ones first. */
  const mayAsk = async (): Promise<boolean> => {
    const others = load.others(shard);
    if (others === 0) return true;
    const state = await leaseState(pool, name);
    const isFree =
      state === undefined || state.isExpired || isGone(state.holder, self, processExists);
    freeSince = isFree ? (freeSince ?? performance.now()) : undefined;
    return freeSince !== undefined && performance.now() - freeSince >= others * LEAVE_TO_OTHERS_MS;
  };

  const followTheGone = async (): Promise<Lease | undefined> => {
    if (wasTakenOver) return undefined;
    const gone = (await leaseState(pool, name))?.holder;
    if (gone === undefined || !isGone(gone, self, processExists)) return undefined;
    logger.info({ lease: name, holder: gone }, 'the process that held the lease is gone');
    return await acquireLease(pool, { ...request, inPlaceOf: gone });
  };

  const ask = async (): Promise<Lease | undefined> => {
    // From now on, so that the shards of one gateway that ask side by side do not all get theirs.
    load.set(shard, true);
    try {
      if (!(await mayAsk())) return undefined;
      const held = await acquireLease(pool, request);
      if (held !== undefined) return held;
      if (lease !== undefined) wasTakenOver = true;
      return await followTheGone();
    } finally {
      load.set(shard, reader !== undefined);
    }
  };

  const runOnce = async (): Promise<void> => {
    if (reader !== undefined && performance.now() - renewedAt < renewEveryMs) return;
    const askedAt = performance.now();
    const held = reader === undefined ? await ask() : await acquireLease(pool, request);
    if (held?.epoch !== lease?.epoch && reader !== undefined) {
      // The same holder with another epoch: the layout has changed, and nobody else was quicker.
      if (held === undefined) wasTakenOver = true;
      logger.warn({ lease: name }, 'the lease of INGEST has passed on');
      await endReader();
    }
    lease = held;
    if (held === undefined) return;
    renewedAt = askedAt;
    freeSince = undefined;
    if (reader === undefined) await beginReader(held);
  };

  const periodic = createPeriodic({
    name: 'keeping the lease of INGEST',
    intervalMs: Math.min(STANDBY_POLL_MS, renewEveryMs),
    runOnce,
    logger,
  });

  return {
    start: periodic.start,
    started: periodic.started,
    isReading: () => reader !== undefined,
    look() {
      renewedAt = Number.NEGATIVE_INFINITY;
      periodic.wake();
    },
    async stop() {
      await periodic.stop();
      await endReader();
      // A successor need not wait for the lease to run out; if Postgres is away, it has to.
      if (lease !== undefined) await releaseLease(pool, lease).catch(() => {});
      lease = undefined;
    },
  };
}
