import { acquireLease, type Lease, leaseHolder, releaseLease } from '@hookline/event-log';
import { createPeriodic, type Lifecycle } from '@hookline/service-runtime';
import { type IngestReader, type IngestReaderOptions, startIngestReader } from './ingest-reader.ts';
import { formatHolder, type Holder, isGone, processExists } from './lease-holder.ts';

export interface IngestShardOptions
  extends Omit<IngestReaderOptions, 'fence' | 'place' | 'listed' | 'isElsewhere'> {
  /** `ingest:<shard>`; gateways with the same name take turns. */
  readonly leaseName: string;
  /** This gateway, different at every start. */
  readonly self: Holder;
  readonly leaseMs: number;
  readonly renewEveryMs: number;
}

export interface IngestShard extends Lifecycle {
  isReading(): boolean;
}

/** How often a gateway that stands by asks for the lease. */
const STANDBY_POLL_MS = 1_000;

/**
 * Reads one shard of INGEST whenever the lease of it is ours, and stands by otherwise.
 *
 * The lease keeps two gateways from reading by turns; that they never append both is the fence's
 * doing. A renewal that cannot reach Postgres changes nothing: the reader cannot append either, and
 * if the lease passes on meanwhile, its next append is refused.
 *
 * A holder of this host whose process is gone, after a kill say, is followed at once and not when its
 * lease runs out. The guess may be wrong, where two containers share a host name and not their process
 * ids; the fence makes that harmless. Whoever is taken over from guesses no more, lest two such
 * gateways take the lease from each other for ever.
 */
export function createIngestShard(options: IngestShardOptions): IngestShard {
  const { pool, logger, metrics, leaseName, self, leaseMs, renewEveryMs } = options;
  const request = { name: leaseName, holder: formatHolder(self), durationMs: leaseMs };
  let lease: Lease | undefined;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let reader: IngestReader | undefined;
  let wasTakenOver = false;

  const endReader = async (): Promise<void> => {
    const ending = reader;
    reader = undefined;
    metrics.reading(false);
    await ending?.stop();
  };

  const beginReader = (held: Lease): void => {
    const fence = { lease: held.name, epoch: held.epoch };
    const started = startIngestReader({
      ...options,
      fence,
      place: { layout: 0n, shard: 'all', epoch: held.epoch },
      listed: undefined,
      isElsewhere: () => false,
    });
    reader = started;
    metrics.reading(true);
    logger.info({ lease: held.name, epoch: String(held.epoch) }, 'reading INGEST');
    void started.ended.then((reason) => {
      if (reader !== started) return;
      if (reason === 'fenced') {
        wasTakenOver = true;
        logger.warn('another gateway reads INGEST now; standing by');
      }
      reader = undefined;
      lease = undefined;
      renewedAt = Number.NEGATIVE_INFINITY;
      metrics.reading(false);
    });
  };

  const followTheGone = async (): Promise<Lease | undefined> => {
    if (wasTakenOver) return undefined;
    const gone = await leaseHolder(pool, leaseName);
    if (gone === undefined || !isGone(gone, self, processExists)) return undefined;
    logger.info({ lease: leaseName, holder: gone }, 'the process that held the lease is gone');
    return await acquireLease(pool, { ...request, inPlaceOf: gone });
  };

  const runOnce = async (): Promise<void> => {
    if (reader !== undefined && performance.now() - renewedAt < renewEveryMs) return;
    const askedAt = performance.now();
    let held = await acquireLease(pool, request);
    if (held === undefined && reader === undefined) held = await followTheGone();
    if (held?.epoch !== lease?.epoch && reader !== undefined) {
      wasTakenOver = true;
      logger.warn('the lease of INGEST has passed to another gateway; standing by');
      await endReader();
    }
    lease = held;
    if (held === undefined) return;
    renewedAt = askedAt;
    if (reader === undefined) beginReader(held);
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
    async stop() {
      await periodic.stop();
      await endReader();
      // A successor need not wait for the lease to run out; if Postgres is away, it has to.
      if (lease !== undefined) await releaseLease(pool, lease).catch(() => {});
      lease = undefined;
    },
  };
}
