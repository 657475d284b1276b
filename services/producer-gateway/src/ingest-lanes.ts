import { type StreamDefinition, streamDefinitions } from '@hookline/contracts';
import { type Lanes, type Nats, openLanes } from '@hookline/messaging';
import { createPeriodic } from '@hookline/service-runtime';
import type { Logger } from '@hookline/telemetry';
import {
  durableName,
  isFormerDurable,
  laneFilter,
  type ReaderPlace,
  STRAYS,
} from './domain/lane-name.ts';
import type { Quotas } from './quotas.ts';
import type { TenantDirectory } from './tenant-directory.ts';

export interface IngestLanesOptions {
  readonly nats: Nats;
  readonly logger: Logger;
  readonly directory: TenantDirectory;
  readonly quotas: Quotas;
  readonly place: ReaderPlace;
  /** The tenants that this shard lists; undefined for the shard of all that no shard lists. */
  readonly listed: readonly string[] | undefined;
  /** Whether a tenant that is not listed here is of another shard. */
  readonly isElsewhere: (tenant: string) => boolean;
  /** How often it is asked what waits for no lane, in milliseconds. */
  readonly straysEveryMs: number;
  readonly onMessage: () => void;
}

export interface IngestLanes {
  readonly lanes: Lanes;
  stop(): Promise<void>;
}

/**
 * Long, since redelivery would only bring repeats out of order: what is not acknowledged comes again,
 * in order, when the durable is made anew, at every interruption and takeover.
 */
const ACK_WAIT_MS = 10 * 60 * 1000;
/** Four batches; what all lanes of a shard have on hand beyond their small allowances. */
const POOL = { messages: 2_000, bytes: 16 * 1024 * 1024 };
const SCAN_TIMEOUT_MS = 5_000;
/** Lanes for subjects that name no tenant; when there are more, they take turns. */
const STRAY_LANES_MAX = 64;

/**
 * Keeps a lane for each tenant of the shard, and for what waits in INGEST under the name of no tenant
 * (one that was deleted, or one that an agent made up where NATS does not hold it to its own). Those
 * are read to be rejected: in a work queue, nobody else would ever take them away.
 */
export function openIngestLanes(options: IngestLanesOptions): IngestLanes {
  const { nats, logger, directory, quotas, place, listed, isElsewhere } = options;
  let strays: readonly string[] = [];

  const lanes = openLanes({
    nats,
    stream: ingestStream(),
    ackWaitMs: ACK_WAIT_MS,
    pool: POOL,
    isFormer: (durable, first) => isFormerDurable(durable, place, first),
    // What is on hand for longer than a quota's burst would only wait here instead of in INGEST.
    limitOf: (tenant) => quotas.burst(tenant),
    onMessage: options.onMessage,
  });

  const update = (): void => {
    const others = () => [...directory.all().map(({ name }) => name), ...strays, STRAYS];
    const names = listed ?? others().filter((name) => !isElsewhere(name));
    lanes.set(
      [...new Set(names)].map((name) => ({
        name,
        filterSubject: laneFilter(name),
        durable: durableName(place, name),
      })),
    );
  };

  const scan = async (): Promise<void> => {
    if (!nats.isConnected()) return;
    const waiting = await waitingTenants(nats);
    strays = waiting.filter((name) => directory.get(name) === undefined).slice(0, STRAY_LANES_MAX);
    update();
  };

  update();
  const forget = directory.onChange(update);
  const scanner = createPeriodic({
    name: 'looking for messages of no tenant',
    intervalMs: options.straysEveryMs,
    runOnce: scan,
    logger,
  });
  if (listed === undefined) void scanner.start();

  return {
    lanes,
    async stop() {
      forget();
      await scanner.stop();
      await lanes.stop();
    },
  };
}

/**
 * What stands in the tenant's place of subjects that wait in INGEST. One page of the server's answer,
 * 100,000 subjects: what is beyond it is found when those before it are gone.
 */
async function waitingTenants(nats: Nats): Promise<string[]> {
  const reply = await nats.connection.request(
    `$JS.API.STREAM.INFO.${ingestStream().name}`,
    JSON.stringify({ subjects_filter: 'hv.*.>' }),
    { timeout: SCAN_TIMEOUT_MS },
  );
  const { state } = reply.json<{ state?: { subjects?: Record<string, number> } }>();
  const tenants = Object.keys(state?.subjects ?? {}).map((subject) => subject.split('.', 2)[1]);
  return [...new Set(tenants.filter((tenant) => tenant !== undefined))];
}

function ingestStream(): StreamDefinition {
  const definition = streamDefinitions.find(({ name }) => name === 'INGEST');
  if (definition === undefined) throw new Error('the stream INGEST is not defined');
  return definition;
}
