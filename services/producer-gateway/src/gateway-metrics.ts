import { createBoundedLabel, type Metrics } from '@hookline/service-runtime';

/** By which way an event came. */
export type Channel = 'nats' | 'http' | 'grpc';

/** How an event that was taken differs from the catalogue of event types. */
export interface Mismatch {
  readonly code: 'unknown_type' | 'invalid_data';
  /** `xo`, `virtfusion` or `proxmox` for what is carried through under their names, else `other`. */
  readonly system: string;
}

/** What the gateway counts; every method is an addition, fit for the hot path. */
export interface GatewayMetrics {
  accepted(channel: Channel, tenants: readonly string[]): void;
  repeated(channel: Channel, count: number): void;
  rejected(channel: Channel, count: number): void;
  /** An event taken although its type is unknown (by whose name it is carried through) or its data do not fit. */
  mismatched(channel: Channel, what: Mismatch): void;
  heartbeats(count: number): void;
  /** One append of the reader: how many events, and how long until its commit. */
  appended(count: number, seconds: number): void;
  /** Events that reached EVENTS, and those left to the sweeper. */
  published(count: number): void;
  leftToSweeper(count: number): void;
  swept(count: number): void;
  /** A request refused, or a lane passed over, because its tenant's quota is used up. */
  throttled(what: 'requests' | 'lanes'): void;
  /** Lanes of a shard that this gateway reads. */
  lanes(shard: string, counts: { readonly open: number; readonly pulling: number }): void;
  /** How many shards this gateway reads. */
  reading(shards: number): void;
}

const BATCH_BUCKETS = [1, 2, 5, 10, 25, 50, 100, 250, 500];

/** Registers the metrics of the gateway. */
export function createGatewayMetrics(metrics: Metrics): GatewayMetrics {
  const counter = (name: string, help: string) =>
    metrics.counter({ name: `hookline_ingest_${name}_total`, help });
  const accepted = counter('accepted', 'Events appended to the log.');
  const ofTenants = metrics.counter({
    name: 'hookline_tenant_events_total',
    help: 'Events appended to the log, by tenant.',
  });
  const tenantLabel = createBoundedLabel();
  const repeated = counter('repeated', 'Publishes of an event that was in the log already.');
  const rejected = counter('rejected', 'Messages and requests that failed a check.');
  const mismatched = counter(
    'mismatched',
    'Events taken although their type is in no catalogue or their data are not as it says.',
  );
  const heartbeats = counter('heartbeats', 'Heartbeats of agents.');
  const published = counter('published', 'Events handed to the dispatchers through EVENTS.');
  const left = counter('left_to_sweeper', 'Events whose first publish to EVENTS failed.');
  const swept = counter('swept', 'Events published to EVENTS again by the sweeper.');
  const seconds = metrics.histogram({
    name: 'hookline_ingest_append_seconds',
    help: 'Time from the start of an append of the reader to its commit.',
  });
  const size = metrics.histogram({
    name: 'hookline_ingest_append_events',
    help: 'Events in one append of the reader.',
    buckets: BATCH_BUCKETS,
  });
  const throttled = counter(
    'throttled',
    'Requests refused, and times a lane was passed over, for want of quota.',
  );
  const lanes = metrics.gauge({
    name: 'hookline_ingest_lanes',
    help: 'Lanes of tenants that this gateway reads, by whether they are pulling.',
  });
  const reading = metrics.gauge({
    name: 'hookline_ingest_reading',
    help: 'Shards of INGEST that this gateway reads; 0 while it stands by.',
  });
  return {
    accepted(channel, tenants) {
      accepted.add(tenants.length, { channel });
      for (const tenant of tenants) ofTenants.add(1, { tenant: tenantLabel(tenant) });
    },
    repeated: (channel, count) => repeated.add(count, { channel }),
    rejected: (channel, count) => rejected.add(count, { channel }),
    mismatched: (channel, { code, system }) => mismatched.add(1, { channel, code, system }),
    heartbeats: (count) => heartbeats.add(count),
    appended(count, duration) {
      size.observe(count);
      seconds.observe(duration);
    },
    published: (count) => published.add(count),
    leftToSweeper: (count) => left.add(count),
    swept: (count) => swept.add(count),
    throttled: (what) => throttled.add(1, { what }),
    lanes(shard, { open, pulling }) {
      lanes.set(pulling, { shard, pulling: 'yes' });
      lanes.set(open - pulling, { shard, pulling: 'no' });
    },
    reading: (shards) => reading.set(shards),
  };
}
