import { createPeriodic, type Lifecycle } from '@hookline/service-runtime';
import { SHARD_ALL } from './domain/shard-layout.ts';
import { createIngestShard, type IngestShard, type IngestShardOptions } from './ingest-shard.ts';
import { createReadingLoad } from './reading-load.ts';
import { readLayout } from './stored-layout.ts';

export interface IngestShardsOptions extends Omit<IngestShardOptions, 'shard' | 'load'> {
  /** How often the stored layout is read, in milliseconds. */
  readonly followEveryMs: number;
}

export interface IngestShards extends Lifecycle {
  /** The shards that this gateway reads now. */
  reading(): string[];
}

/** Competes for every shard of the stored layout, and follows it when it changes. */
export function createIngestShards(options: IngestShardsOptions): IngestShards {
  const { pool, logger, followEveryMs } = options;
  const load = createReadingLoad();
  const shards = new Map<string, IngestShard>();
  let known: bigint | undefined;

  const follow = async (): Promise<void> => {
    const { version, layout } = await readLayout(pool);
    if (version === known) return;
    const names = new Set([...layout.keys(), SHARD_ALL]);
    for (const [name, shard] of shards) {
      if (names.has(name)) shard.look();
      else {
        shards.delete(name);
        await shard.stop();
      }
    }
    for (const name of names) {
      if (shards.has(name)) continue;
      const shard = createIngestShard({ ...options, shard: name, load });
      shards.set(name, shard);
      void shard.start();
    }
    if (known !== undefined)
      logger.info({ shards: [...names] }, 'the layout of shards has changed');
    known = version;
  };

  const periodic = createPeriodic({
    name: 'following the layout of shards',
    intervalMs: followEveryMs,
    runOnce: follow,
    logger,
  });

  return {
    start: periodic.start,
    started: periodic.started,
    reading: () => [...shards].filter(([, shard]) => shard.isReading()).map(([name]) => name),
    async stop() {
      await periodic.stop();
      await Promise.all([...shards.values()].map((shard) => shard.stop()));
    },
  };
}
