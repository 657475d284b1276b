import { acquireLease, type Lease, releaseLease } from '@hookline/event-log';
import { createPeriodic, type Lifecycle } from '@hookline/service-runtime';
import { type IngestReader, type IngestReaderOptions, startIngestReader } from './ingest-reader.ts';

export interface IngestShardOptions extends Omit<IngestReaderOptions, 'fence'> {
  /** `ingest:<shard>`; gateways with the same name take turns. */
  readonly leaseName: string;
  /** This process, different at every start. */
  readonly holder: string;
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
 */
export function createIngestShard(options: IngestShardOptions): IngestShard {
  const { pool, logger, metrics, leaseName, holder, leaseMs, renewEveryMs } = options;
  let lease: Lease | undefined;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let reader: IngestReader | undefined;

  const endReader = async (): Promise<void> => {
    const ending = reader;
    reader = undefined;
    metrics.reading(false);
    await ending?.stop();
  };

  const beginReader = (held: Lease): void => {
    const fence = { lease: held.name, epoch: held.epoch };
    const started = startIngestReader({ ...options, fence });
    reader = started;
    metrics.reading(true);
    logger.info({ lease: held.name, epoch: String(held.epoch) }, 'reading INGEST');
    void started.ended.then((reason) => {
      if (reader !== started) return;
      if (reason === 'fenced') logger.warn('another gateway reads INGEST now; standing by');
      reader = undefined;
      lease = undefined;
      renewedAt = Number.NEGATIVE_INFINITY;
      metrics.reading(false);
    });
  };

  const runOnce = async (): Promise<void> => {
    if (reader !== undefined && performance.now() - renewedAt < renewEveryMs) return;
    const askedAt = performance.now();
    const held = await acquireLease(pool, { name: leaseName, holder, durationMs: leaseMs });
    if (held?.epoch !== lease?.epoch && reader !== undefined) {
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
